import type { Query } from '../database/database.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import type { ChangedNumbers } from '../errors.js'
import type { NumberRange } from '../numbers/number-range.js'
import { HAS_ATTRIBUTES } from './columns.js'
import type { LoadRecord } from './loads.js'
import { isOfBigints, memberOf, PLACES, rangeValues, strategyFor } from './range-sql.js'

/** What one customer gets back. */
export interface Reversal {
  readonly customer: number
  readonly customerName: string
  readonly amount: string
}

/** The numbers and aliases that a load added. */
export interface LoadedRanges {
  readonly numbers: NumberRange
  readonly aliases: NumberRange | undefined
}

const MAX_LISTED_CHANGES = 100

/** Every number of so many digits is a bigint. */
const BIGINT_DIGITS = 18

/** Whether a row of `numbers` is as the load added it, but for its alias. */
const IS_AS_LOADED = `load = :id::bigint and ${HAS_ATTRIBUTES}`

const NUMBERS_ARE_BIGINTS = `octet_length(:numbers_first) <= ${BIGINT_DIGITS}`

// The place of a number in its load. Numbers too long for a bigint are told apart by their last seven digits, because a
// load has at most a million of them. The planner knows the first number, so one branch of the CASE is left.
const PLACE = `(case when ${NUMBERS_ARE_BIGINTS} then number::bigint - :numbers_first::bigint
      else (right(number, 7)::bigint - right(:numbers_first, 7)::bigint + 10000000) % 10000000 end)`

const LOADED = `select place, ${memberOf('aliases')} as alias, ${memberOf('numbers')} as number from ${PLACES}`

// Whether a row has the alias that the load gave it. If both are bigints, and aliases do not begin with a zero, the
// distance to the number is compared, because working out a text costs twice as much. A text that is as long, does not
// begin with a zero (of 0x…), a sign or a space, and reads as that bigint is that bigint's only text.
const HAS_ITS_ALIAS = `case
      when ${isOfBigints('aliases')} and ${NUMBERS_ARE_BIGINTS}
        then octet_length(alias) = :aliases_digits::integer and alias::"char" > '0'
          and alias::bigint - number::bigint = :aliases_base::bigint - :numbers_first::bigint
      else alias is not distinct from ${memberOf('aliases', PLACE)} end`

// Whether a text that is as long as the numbers of a load, and between them, is one of them. A bigint with fewer digits, of
// a text with spaces or underscores, is smaller than the first number. A regular expression costs four times as much.
const IS_MEMBER = `case when ${isOfBigints('numbers')} then number::bigint >= :numbers_base::bigint else number !~ '[^0-9]' end`

const DELETE_NUMBERS = {
  scan: `
    delete from :"schema".numbers
    where number >= :numbers_first and number <= :numbers_last and octet_length(number) = octet_length(:numbers_first)
      and ${IS_MEMBER}
      and ${IS_AS_LOADED}
      and ${HAS_ITS_ALIAS}`,
  probe: `
    delete from :"schema".numbers
    using (${LOADED}) as loaded
    where numbers.number = loaded.number and ${IS_AS_LOADED} and numbers.alias is not distinct from loaded.alias`
}

const FIND_CHANGES = `
  with loaded as (${LOADED}), changed as (
    select place, loaded.number,
      case when load = :id then 'changed' else 'gone' end as reason
    from loaded left join :"schema".numbers on numbers.number = loaded.number
    where (${IS_AS_LOADED} and numbers.alias is not distinct from loaded.alias) is not true
  ), run as (
    select *, place - row_number() over (partition by reason order by place) as run from changed
  )
  select min(number) as first, max(number) as last, count(*)::integer as count, reason
  from run
  group by reason, run
  order by first
  limit ${MAX_LISTED_CHANGES}`

// In the order of the charges, which is from the root down.
const LOCK_PAYERS = `
  select from :"schema".customers join :"schema".transactions on transactions.customer = customers.id
  where transactions.load = :id
  order by transactions.id
  for no key update of customers`

const REVERSE_CHARGES = `
  with paid as (
    update :"schema".customers set balance = customers.balance - total
    from (select customer, sum(amount) as total from :"schema".transactions where load = :id group by customer) as charged
    where charged.customer = customers.id
    returning customers.id, customers.name, customers.balance
  ), reversed as (
    -- A customer may have several transactions: each reversal has the balance after it, the last the final one.
    select transactions.*, name, balance + coalesce(sum(amount) over (
        partition by customer order by transactions.id rows between 1 following and unbounded following), 0) as balance
    from :"schema".transactions join paid on paid.id = customer
    where load = :id
  ), recorded as (
    insert into :"schema".transactions (customer, load, text, quantity, unit_price, amount, balance_after)
    select customer, load, format('Reversal of load %s: %s', load, text), - quantity, unit_price, - amount, balance
    from reversed
    order by id
  )
  select customer, name as "customerName", - amount as amount from reversed order by id desc`

const QUOTE_REVERSALS = `
  select transactions.customer, customers.name as "customerName", - transactions.amount as amount
  from :"schema".transactions join :"schema".customers on customers.id = transactions.customer
  where transactions.load = :id
  order by transactions.id desc`

const MARK_UNDONE = 'update :"schema".loads set undone_at = now(), undone_by = :person where id = :id'

/** Deletes the numbers that are as the load added them, and returns how many they were. */
export async function deleteNumbers (query: Query, load: LoadRecord, ranges: LoadedRanges): Promise<number | null> {
  const values = valuesOf(load, ranges)
  if (strategyFor(load.count) === 'scan') {
    // The whole range is read, for which a bitmap is faster than a walk along the index.
    await query('set local enable_bitmapscan = on; savepoint before_scan')
    try {
      return (await query(DELETE_NUMBERS.scan, values)).rowCount
    } catch (error) {
      // Some text in the range is not digits.
      if (sqlStateOf(error) !== SQLSTATE.invalidTextRepresentation) throw error
      await query('rollback to before_scan; set local enable_bitmapscan = off')
    }
  }
  return (await query(DELETE_NUMBERS.probe, values)).rowCount
}

/** Returns the first hundred runs of numbers that are not as the load added them. */
export async function findChanges (query: Query, load: LoadRecord, ranges: LoadedRanges): Promise<ChangedNumbers[]> {
  return (await query<ChangedNumbers>(FIND_CHANGES, valuesOf(load, ranges))).rows
}

/** Returns what reversing the load's charges would give back, the customer first. */
export async function quoteReversals (query: Query, id: string): Promise<Reversal[]> {
  return (await query<Reversal>(QUOTE_REVERSALS, { id })).rows
}

/** Gives back what the load charged, by a reversing transaction for each of its transactions. */
export async function reverseCharges (query: Query, id: string): Promise<Reversal[]> {
  await query(LOCK_PAYERS, { id })
  return (await query<Reversal>(REVERSE_CHARGES, { id })).rows
}

export async function markUndone (query: Query, id: string, person: string | null): Promise<void> {
  await query(MARK_UNDONE, { id, person })
}

function valuesOf (load: LoadRecord, { numbers, aliases }: LoadedRanges) {
  const { id, class: numberClass, ingroup, customer, region, stype } = load
  return {
    id, class: numberClass, ingroup, customer, region, stype,
    ...rangeValues('numbers', numbers), ...rangeValues('aliases', aliases)
  }
}
