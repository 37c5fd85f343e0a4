import type { Query } from '../database/database.js'

/** What one customer pays for a load. Money is a decimal string, as exact as PostgreSQL's numeric. */
export interface Charge {
  readonly customer: number
  readonly customerName: string
  readonly quantity: number
  readonly unitPrice: string
  readonly amount: string
}

/** Why a customer cannot be charged. */
export interface ChargeIssue {
  readonly customer: number
  readonly reason: 'no price' | 'no parent' | 'currencies differ'
}

/** The customer to charge, and the class that the plans price. */
export interface Purchase {
  readonly customer: number
  readonly class: number
}

export interface CountedPurchase extends Purchase {
  readonly quantity: number
}

// The customer and all its ancestors, each with the price of the class in its plan, which its parent gives.
// All but the root pay; if a payer's plan has no price, the nearest one above it applies.
const PAYERS = `
  chain as (
    select id, name, parent, plan, balance, 0 as height from :"schema".customers where id = :customer::integer
    union all
    select above.id, above.name, above.parent, above.plan, above.balance, height + 1
    from :"schema".customers as above join chain on above.id = chain.parent
  ), priced as (
    select chain.*, plans.currency, plan_classes.signup
    from chain
    left join :"schema".plans on plans.id = chain.plan
    left join :"schema".plan_classes on plan_classes.plan = chain.plan and plan_classes.class = :class::integer
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
  select id as customer, name as "customerName", :quantity::integer as quantity, unit_price as "unitPrice",
    unit_price * :quantity as amount
  from payer
  order by height`

const FIND_CHARGE_ISSUES = `
  with recursive ${PAYERS}
  select id as customer, 'no parent' as reason from priced where height = 0 and parent is null
  union all
  (select id, 'no price' from payer where unit_price is null order by height)
  union all
  select :customer, 'currencies differ' from priced having count(distinct currency) > 1
  limit 1`

// From the root down, so that loads for siblings cannot deadlock.
const LOCK_PAYERS = `
  with recursive ${PAYERS}
  select from :"schema".customers join payer using (id)
  order by payer.height desc
  for no key update of customers`

const CHARGE = `
  with recursive ${PAYERS}, charged as (
    update :"schema".customers set balance = customers.balance - unit_price * :quantity::integer
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
      ), :quantity, unit_price, - unit_price * :quantity, charged.balance
    from charged, :"schema".loads, :"schema".classes
    where loads.id = :load and classes.id = :class
    order by height desc
  ), totalled as (
    update :"schema".loads set charged = (select coalesce(sum(unit_price * :quantity), 0) from charged) where id = :load
  )
  select id as customer, name as "customerName", :quantity as quantity, unit_price as "unitPrice",
    unit_price * :quantity as amount
  from charged
  order by height`

/** Returns what a load would charge, payer by payer, the customer first. It is meaningful only without charge issues. */
export async function quoteCharges (query: Query, purchase: CountedPurchase): Promise<Charge[]> {
  const { rows } = await query<Charge>(QUOTE, { ...purchase })
  return rows
}

/** Returns the first reason not to charge the customer for the class, if there is one. */
export async function findChargeIssue (query: Query, purchase: Purchase): Promise<ChargeIssue | undefined> {
  const { rows } = await query<ChargeIssue>(FIND_CHARGE_ISSUES, { ...purchase })
  return rows[0]
}

/** Locks the balances of all payers until the transaction ends, so that what is read of them afterwards holds. */
export async function lockPayers (query: Query, purchase: Purchase): Promise<void> {
  await query(LOCK_PAYERS, { ...purchase })
}

/**
 * Charges every payer for the load: a row of `transactions` each, and the new balance. Charges no payer, and returns no
 * charges, if a price is missing or currencies differ.
 */
export async function chargePayers (query: Query, purchase: CountedPurchase, load: string): Promise<Charge[]> {
  const { rows } = await query<Charge>(CHARGE, { ...purchase, load })
  return rows
}
