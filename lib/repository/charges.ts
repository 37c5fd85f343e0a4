import type { Query } from '../database/database.js'
import type { Values } from '../database/statement.js'

/** The charge of one customer for a load. Money is a decimal string, as exact as PostgreSQL's numeric. */
export interface Charge {
  readonly customer: number
  readonly customerName: string
  readonly quantity: number
  readonly unitPrice: string
  readonly amount: string
}

/** A load that was written, and charged. */
export interface WrittenLoad {
  readonly id: string
  readonly charges: readonly Charge[]
}

/** The customer to charge, the class that the plans price, and the count of numbers. */
export interface Purchase {
  readonly customer: number
  readonly class: number
  readonly quantity: number
}

/** The reason why the customer of a purchase cannot be charged for the class. */
export interface ChargeIssue {
  /** The customer of the purchase, and the class. */
  readonly buyer: number
  readonly class: number
  /** The buyer, or a customer above it. */
  readonly customer: number
  readonly reason: 'no price' | 'no parent' | 'currencies differ'
}

// The statements of charging are here for loads of any size, and in the function for charged loads of one number
// (`001-schema.sql`).

// The customers of the purchases and all their ancestors, each with the price of the class in its plan, which its parent gives.
// All except the root pay; if a payer's plan has no price, the nearest one above it applies. So the price of a payer is the same
// for all purchases of a class.
export const PAYERS = `
  purchase as (
    select * from unnest(:loads::bigint[], :customers::integer[], :classes::integer[], :quantities::integer[])
      as purchase (load, buyer, class, quantity)
  ), chain as (
    select buyer, class, id, name, parent, plan, 0 as height
    from (select distinct buyer, class from purchase) as bought join :"schema".customers on id = buyer
    union all
    select buyer, class, above.id, above.name, above.parent, above.plan, height + 1
    from :"schema".customers as above join chain on above.id = chain.parent
  ), priced as (
    select chain.*, plans.currency, plan_classes.signup, max(height) over (partition by buyer, chain.class) - height as depth
    from chain
    left join :"schema".plans on plans.id = chain.plan
    left join :"schema".plan_classes on plan_classes.plan = chain.plan and plan_classes.class = chain.class
  ), payer as (
    select buyer, class, id, name, height, depth, (
      select signup from priced as above
      where above.buyer = priced.buyer and above.class = priced.class and above.height >= priced.height and signup is not null
      order by above.height limit 1
    ) as unit_price
    from priced where parent is not null
  ), bill as (
    select load, id, name, class, depth, unit_price, sum(quantity)::integer as quantity, unit_price * sum(quantity)::integer as amount
    from payer join purchase using (buyer, class)
    group by load, id, name, class, depth, unit_price
  ), issue as (
    select buyer, class, id as customer, 'no parent' as reason, 0 as height from priced where height = 0 and parent is null
    union all
    select buyer, class, id, 'no price', 1 + height from payer where unit_price is null
    union all
    select buyer, class, buyer, 'currencies differ', 1000000 from priced group by buyer, class having count(distinct currency) > 1
  )`

const CHARGE_COLUMNS = 'id as customer, name as "customerName", quantity, unit_price as "unitPrice", amount'

const QUOTE = `with recursive ${PAYERS} select ${CHARGE_COLUMNS} from bill order by depth desc, id, class`

const FIND_CHARGE_ISSUES = `
  with recursive ${PAYERS}
  select distinct on (buyer, class) buyer, class, customer, reason from issue
  order by buyer, class, height`

// From the root down, so that loads for customers with a common ancestor cannot deadlock.
export const LOCK_PAYERS = `
  with recursive ${PAYERS}
  select from :"schema".customers join (select distinct id, depth from payer) as payer using (id)
  order by payer.depth, id
  for no key update of customers`

// The statement that follows it may read the charges from bill and charged.
export const CHARGE = `
  with recursive ${PAYERS}, charged as (
    update :"schema".customers set balance = customers.balance - total.amount
    from (select id, sum(amount) as amount from bill group by id) as total
    where customers.id = total.id and not exists (select from issue)
    returning customers.id, customers.balance
  ), recorded as (
    insert into :"schema".transactions (customer, load, text, quantity, unit_price, amount, balance_after)
    select bill.id, loads.id, coalesce(nullif(classes.transaction_text_create, ''), case when loads.ranges = 1
        then format('Signup of %s numbers %s to %s, class %s', loads.count, loads.start, loads."end", classes.name)
        else format('Signup of %s numbers, class %s', bill.quantity, classes.name) end),
      bill.quantity, unit_price, - amount,
      charged.balance + sum(amount) over of_payer - sum(amount) over (of_payer order by bill.load, bill.class)
    from bill join charged using (id) join :"schema".loads on loads.id = bill.load join :"schema".classes on classes.id = bill.class
    window of_payer as (partition by bill.id)
    order by bill.load, depth, bill.id, bill.class
  ), totalled as (
    update :"schema".loads set charged = total.amount
    from (select load, sum(amount) as amount from bill join charged using (id) group by load) as total
    where loads.id = total.load
  )`

const CHARGE_LOAD = `${CHARGE} select ${CHARGE_COLUMNS} from bill join charged using (id) order by depth desc, id, class`

/** Returns the charges of a load for each payer, the customer first. It is meaningful only without charge issues. */
export async function quoteCharges (query: Query, purchases: readonly Purchase[]): Promise<Charge[]> {
  return (await query<Charge>(QUOTE, valuesOf(purchases))).rows
}

/** Returns, for each purchase that cannot be charged, the first reason. */
export async function findChargeIssues (query: Query, purchases: readonly Purchase[]): Promise<ChargeIssue[]> {
  return (await query<ChargeIssue>(FIND_CHARGE_ISSUES, valuesOf(purchases))).rows
}

/** Locks the balances of all payers until the transaction ends, so that later reads of them remain valid. */
export async function lockPayers (query: Query, purchases: readonly Purchase[]): Promise<void> {
  await query(LOCK_PAYERS, valuesOf(purchases))
}

/**
 * Charges every payer for the load: a row of `transactions` for each class, and the new balance. Charges no payer, and
 * returns no charges, if a price is missing or currencies differ.
 */
export async function chargePayers (query: Query, purchases: readonly Purchase[], load: string): Promise<Charge[]> {
  return (await query<Charge>(CHARGE_LOAD, valuesOf(purchases, load))).rows
}

/** No two purchases may have the same customer and class. */
function valuesOf (purchases: readonly Purchase[], load: string | null = null): Values {
  return {
    loads: purchases.map(() => load),
    customers: purchases.map(({ customer }) => customer),
    classes: purchases.map(purchase => purchase.class),
    quantities: purchases.map(({ quantity }) => quantity)
  }
}
