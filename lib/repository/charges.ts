import type { Query } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'

/** What one customer pays for a load. Money is a decimal string, exactly as PostgreSQL's numeric has it. */
export interface Charge {
  readonly customer: number
  readonly name: string
  readonly quantity: number
  readonly unitPrice: string
  readonly amount: string
}

/** Why a customer cannot be charged. */
export interface ChargeIssue {
  readonly customer: number
  readonly reason: 'no price' | 'no parent' | 'currencies differ'
}

/** The customer who pays, and the class that the plans price. */
export interface Purchase {
  readonly customer: number
  readonly class: number
}

export interface CountedPurchase extends Purchase {
  readonly quantity: number
}

// The customer ($1) and all above, each with the price of the class ($2) in its plan, given by its parent.
// A payer is everybody but the root; where the payer's plan has no price, the nearest one above it holds.
const PAYERS = `
  chain as (
    select id, name, parent, plan, balance, 0 as height from :"schema".customers where id = $1::integer
    union all
    select above.id, above.name, above.parent, above.plan, above.balance, height + 1
    from :"schema".customers as above join chain on above.id = chain.parent
  ), priced as (
    select chain.*, plans.currency, plan_classes.signup
    from chain
    left join :"schema".plans on plans.id = chain.plan
    left join :"schema".plan_classes on plan_classes.plan = chain.plan and plan_classes.class = $2::integer
  ), payer as (
    select id, name, height, (
      select signup from priced as above
      where above.height >= priced.height and signup is not null
      order by above.height limit 1
    ) as unit_price
    from priced where parent is not null
  )`

const QUOTE = `
  with recursive ${PAYERS}
  select id as customer, name, $3::integer as quantity, unit_price as "unitPrice", unit_price * $3 as amount
  from payer
  order by height`

const FIND_CHARGE_PROBLEMS = `
  with recursive ${PAYERS}
  select id as customer, 'no parent' as reason from priced where height = 0 and parent is null
  union all
  (select id, 'no price' from payer where unit_price is null order by height)
  union all
  select $1, 'currencies differ' from priced having count(distinct currency) > 1
  limit 1`

// From the root down, so that loads for siblings cannot wait for each other in a circle.
const LOCK_PAYERS = `
  with recursive ${PAYERS}
  select from :"schema".customers join payer using (id)
  order by payer.height desc
  for no key update of customers`

const CHARGE = `
  with recursive ${PAYERS}, charged as (
    update :"schema".customers set balance = customers.balance - unit_price * $3::integer
    from payer
    where customers.id = payer.id
      and not exists (select from payer where unit_price is null)
      and (select count(distinct currency) from priced) <= 1
    returning customers.id, payer.name, height, unit_price, customers.balance
  ), recorded as (
    insert into :"schema".transactions (customer, load, text, quantity, unit_price, amount, balance_after)
    select charged.id, loads.id, coalesce(
        nullif(classes.transaction_text_create, ''),
        format('Signup of %s numbers %s to %s, class %s', loads.count, loads.start, loads."end", classes.name)
      ), $3, unit_price, - unit_price * $3, charged.balance
    from charged, :"schema".loads, :"schema".classes
    where loads.id = $4 and classes.id = $2
    order by height desc
  ), totalled as (
    update :"schema".loads set charged = (select coalesce(sum(unit_price * $3), 0) from charged) where id = $4
  )
  select id as customer, name, $3 as quantity, unit_price as "unitPrice", unit_price * $3 as amount
  from charged
  order by height`

/** What a load would charge, payer by payer, the customer first. Only meaningful where there are no issues. */
export async function quoteCharges (query: Query, schema: string, purchase: CountedPurchase): Promise<Charge[]> {
  const { rows } = await query<Charge>(inSchema(schema, QUOTE), [purchase.customer, purchase.class, purchase.quantity])
  return rows
}

/** The first thing that stands against charging the customer for the class, if any. */
export async function findChargeIssue (query: Query, schema: string, purchase: Purchase): Promise<ChargeIssue | undefined> {
  const { rows } = await query<ChargeIssue>(inSchema(schema, FIND_CHARGE_PROBLEMS), [purchase.customer, purchase.class])
  return rows[0]
}

/** Locks the balances of all payers until the transaction ends; what is read of them afterwards holds. */
export async function lockPayers (query: Query, schema: string, purchase: Purchase): Promise<void> {
  await query(inSchema(schema, LOCK_PAYERS), [purchase.customer, purchase.class])
}

/**
 * Charges every payer for the load: one transaction row each, and the new balances.
 * Charges nobody, and returns no charges, where a price is missing or currencies differ.
 */
export async function chargePayers (query: Query, schema: string, purchase: CountedPurchase, load: string): Promise<Charge[]> {
  const { rows } = await query<Charge>(inSchema(schema, CHARGE), [purchase.customer, purchase.class, purchase.quantity, load])
  return rows
}
