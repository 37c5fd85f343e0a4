import type { Query } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'

/** What the database keeps of a successful call. Identifiers of loads are bigints in decimal digits, money decimal strings. */
export interface LoadRecord {
  readonly id: string
  readonly createdAt: Date
  /** Who called: a username, or `null` where host code did not say. */
  readonly person: string | null
  /** Network address of the caller, or what host code said. */
  readonly source: string | null
  readonly start: string
  readonly end: string
  readonly count: number
  /** Alias of the first number. */
  readonly alias: string | null
  readonly class: number
  readonly ingroup: number
  readonly customer: number | null
  readonly region: number | null
  readonly stype: string
  readonly chargeCustomer: boolean
  /** Sum of what all payers were charged, of reversals nothing taken off. */
  readonly charged: string
  readonly undoneAt: Date | null
  readonly undoneBy: string | null
}

/** A change of a customer's balance that a load caused; `amount` is negative for a charge, positive for its reversal. */
export interface TransactionRecord {
  readonly id: string
  readonly createdAt: Date
  readonly customer: number
  readonly name: string
  readonly text: string
  readonly quantity: number
  readonly unitPrice: string
  readonly amount: string
  readonly balanceAfter: string
}

const COLUMNS = `
  id, created_at as "createdAt", person, source, start, "end", count, alias, class, ingroup, customer, region, stype,
  charge_customer as "chargeCustomer", charged, undone_at as "undoneAt", undone_by as "undoneBy"`

const LIST_LOADS = `
  select ${COLUMNS} from :"schema".loads
  where id < coalesce($1::bigint, 9223372036854775807)
  order by id desc
  limit $2`

const FIND_LOAD = `select ${COLUMNS} from :"schema".loads where id = $1`

const LOCK_LOAD = `${FIND_LOAD} for no key update`

const LIST_TRANSACTIONS = `
  select transactions.id, created_at as "createdAt", customer, customers.name, text, quantity,
    unit_price as "unitPrice", amount, balance_after as "balanceAfter"
  from :"schema".transactions join :"schema".customers on customers.id = customer
  where load = $1
  order by transactions.id`

/** The loads before the load `before`, the latest first. */
export async function selectLoads (
  query: Query, schema: string, limit: number, before: string | undefined
): Promise<LoadRecord[]> {
  return (await query<LoadRecord>(inSchema(schema, LIST_LOADS), [before, limit])).rows
}

export async function findLoad (query: Query, schema: string, id: string): Promise<LoadRecord | undefined> {
  return (await query<LoadRecord>(inSchema(schema, FIND_LOAD), [id])).rows[0]
}

/** As {@link findLoad}, and nobody else can undo the load before this transaction has ended. */
export async function lockLoad (query: Query, schema: string, id: string): Promise<LoadRecord | undefined> {
  return (await query<LoadRecord>(inSchema(schema, LOCK_LOAD), [id])).rows[0]
}

/** What the load changed of balances, the oldest first. */
export async function listTransactions (query: Query, schema: string, id: string): Promise<TransactionRecord[]> {
  return (await query<TransactionRecord>(inSchema(schema, LIST_TRANSACTIONS), [id])).rows
}
