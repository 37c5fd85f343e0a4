import type { Query } from '../database/database.js'
import { ATTRIBUTES, type Attribute, type Attributes } from './columns.js'
import { hasNumber, listing, RECORD_COLUMNS, type NumbersRecord, type RecordFilter } from './records.js'

/** The attributes that all numbers of a load share; the others are `null`. */
type SharedAttributes = { readonly [Name in Attribute]: Attributes[Name] | null }

/** The record of a successful call. Money is a decimal string. */
export interface LoadRecord extends NumbersRecord, SharedAttributes {
  readonly kind: 'load'
  /** Count of its ranges, which `getLoad` returns. With more than one, attributes that differ between them are `null` here. */
  readonly rangeCount: number
  /** Alias of the first number. */
  readonly alias: string | null
  readonly chargeCustomer: boolean
  /** Sum of the charges of all payers; reversals are not subtracted. */
  readonly charged: string
}

/** Consecutive numbers of a load, with their attributes and the alias of the first one. */
export interface LoadRange extends Attributes {
  readonly first: string
  readonly last: string
  readonly count: number
  readonly alias: string | null
}

/** A change of a customer's balance by a load; `amount` is negative for a charge, positive for its reversal. */
export interface TransactionRecord {
  readonly id: string
  readonly createdAt: Date
  readonly customer: number
  readonly customerName: string
  readonly text: string
  readonly quantity: number
  readonly unitPrice: string
  readonly amount: string
  readonly balanceAfter: string
}

const COLUMNS = `'load' as kind, ${RECORD_COLUMNS}, ranges as "rangeCount", alias, ${ATTRIBUTES}, charge_customer as "chargeCustomer", charged`

const LIST_LOADS = `
  select ${COLUMNS} from :"schema".loads ${listing(
    'customer = :customer or exists (select from :"schema".load_ranges where load = loads.id and load_ranges.customer = :customer)',
    `ranges = 1 and ${hasNumber('start', '"end"')}
      or exists (select from :"schema".load_ranges where load = loads.id and ${hasNumber('first', 'last')})`
  )}`

const FIND_LOAD = `select ${COLUMNS} from :"schema".loads where id = :id`

const LOCK_LOAD = `${FIND_LOAD} for no key update`

// A load of one range stores no separate rows for it.
const LIST_RANGES = `
  select start as first, "end" as last, count, alias, ${ATTRIBUTES} from :"schema".loads where id = :id and ranges = 1
  union all
  (select first, last, count, alias, ${ATTRIBUTES} from :"schema".load_ranges where load = :id order by position)`

const LIST_TRANSACTIONS = `
  select transactions.id, created_at as "createdAt", customer, customers.name as "customerName", text, quantity,
    unit_price as "unitPrice", amount, balance_after as "balanceAfter"
  from :"schema".transactions join :"schema".customers on customers.id = customer`

const OF_RECORD = {
  load: `${LIST_TRANSACTIONS} where load = :id order by transactions.id`,
  change: `${LIST_TRANSACTIONS} where change = :id order by transactions.id`
}

/** Returns loads, the latest first. */
export async function selectLoads (query: Query, filter: RecordFilter): Promise<LoadRecord[]> {
  return (await query<LoadRecord>(LIST_LOADS, { ...filter })).rows
}

export async function findLoad (query: Query, id: string): Promise<LoadRecord | undefined> {
  return (await query<LoadRecord>(FIND_LOAD, { id })).rows[0]
}

/** As {@link findLoad}; no other transaction can undo the load before this one has ended. */
export async function lockLoad (query: Query, id: string): Promise<LoadRecord | undefined> {
  return (await query<LoadRecord>(LOCK_LOAD, { id })).rows[0]
}

/** Returns the ranges of a load, in the order of its file. */
export async function listRanges (query: Query, id: string): Promise<LoadRange[]> {
  return (await query<LoadRange>(LIST_RANGES, { id })).rows
}

/** Returns the changes of balances by a load or a change, the oldest first. */
export async function listTransactions (query: Query, of: 'load' | 'change', id: string): Promise<TransactionRecord[]> {
  return (await query<TransactionRecord>(OF_RECORD[of], { id })).rows
}
