import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import { rangeValues } from './range-sql.js'
import { walkedRange } from './walked-range.js'

/** The amount that one customer gets back; negative if the customer pays. */
export interface Reversal {
  readonly customer: number
  readonly customerName: string
  readonly amount: string
}

/** The transactions to reverse: those of a load, or the refunds of a change. */
const REVERSED = {
  load: 'load = :id and change is null',
  change: 'change = :id'
}

/** The numbers that a change has released, counted by their loads. */
const RELEASED = 'select load, sum(count)::integer as count from :"schema".changed_runs where change = :id group by load'

/** The same, before they are released. */
const TO_BE_RELEASED = `select load, count(*)::integer as count from ${walkedRange('number', 'load')} group by load`

/** The rows of `transactions` to insert, without a balance, in the order of `position`. */
const DUE = {
  load: reversal('load'),
  change: reversal('change'),
  refund: refund(RELEASED)
}

function refund (released: string): string {
  return `
    select transactions.customer, load, :id::bigint as change, - released.count as quantity, unit_price,
      unit_price * released.count as amount, format('Refund of %s numbers of load %s: %s', released.count, load, text) as text,
      transactions.id as position
    from :"schema".transactions join (${released}) as released using (load)
    where change is null and quantity > 0
      -- The transactions of a load of several ranges do not show which range they charge.
      and (select ranges from :"schema".loads where id = load) = 1`
}

function reversal (of: keyof typeof REVERSED): string {
  return `
    select customer, load, change, - quantity as quantity, unit_price, - amount as amount,
      format('Reversal of ${of} %s: %s', ${of}, text) as text, id as position
    from :"schema".transactions where ${REVERSED[of]}`
}

type Due = keyof typeof DUE

// In the order of charges: from the root down.
function lockStatement (due: Due): string {
  return `
    select from :"schema".customers join (${DUE[due]}) as due on due.customer = customers.id
    order by position
    for no key update of customers`
}

function bookStatement (due: Due): string {
  return `
    with due as materialized (${DUE[due]}), paid as (
      update :"schema".customers set balance = customers.balance + total
      from (select customer, sum(amount) as total from due group by customer) as total
      where total.customer = customers.id
      returning customers.id, customers.name, customers.balance
    ), booked as (
      -- A customer may have several transactions: each has the balance after it, and the last one the final balance.
      select due.*, name, balance - coalesce(sum(amount) over (
          partition by customer order by position rows between 1 following and unbounded following), 0) as balance_after
      from due join paid on paid.id = customer
    ), recorded as (
      insert into :"schema".transactions (customer, load, change, text, quantity, unit_price, amount, balance_after)
      select customer, load, change, text, quantity, unit_price, amount, balance_after from booked
      order by position
    )
    select customer, name as "customerName", amount from booked order by position desc`
}

const QUOTE = `
  select due.customer, customers.name as "customerName", due.amount
  from (${refund(TO_BE_RELEASED)}) as due join :"schema".customers on customers.id = due.customer
  order by position desc`

/** Reverses the charges of a load, or the refunds of a change: writes a reversing transaction for each of its transactions. */
export async function reverseTransactions (query: Query, of: 'load' | 'change', id: string): Promise<Reversal[]> {
  return await book(query, of, id)
}

/** Refunds, to each payer of the loads, the price at which the numbers that a change has deleted were loaded. */
export async function refundDeleted (query: Query, id: string): Promise<Reversal[]> {
  return await book(query, 'refund', id)
}

/** Returns the refunds that {@link refundDeleted} would make for a range. */
export async function quoteRefunds (query: Query, numbers: NumberRange): Promise<Reversal[]> {
  return (await query<Reversal>(QUOTE, { id: null, ...rangeValues('numbers', numbers) })).rows
}

async function book (query: Query, due: Due, id: string): Promise<Reversal[]> {
  await query(lockStatement(due), { id })
  return (await query<Reversal>(bookStatement(due), { id })).rows
}
