import type { Query } from '../database/database.js'
import type { Values } from '../database/statement.js'
import type { NumberRange } from '../numbers/number-range.js'
import { NUMBER_COLUMNS, type Attributes } from './columns.js'
import type { Actor } from './insert-load.js'
import type { LoadRange } from './loads.js'
import { hasNumber, listing, RECORD_COLUMNS, type NumbersRecord, type RecordFilter } from './records.js'

/** The values that an update sets, by column; `null` for none. The alias is that of the first number. */
export interface NewValues extends Partial<Attributes> {
  readonly alias?: string | null
}

/** An update or delete of all numbers of a range. */
export interface ChangeInput {
  readonly kind: 'update' | 'delete'
  readonly numbers: NumberRange
  /** The new aliases, if the update sets any. */
  readonly aliases: NumberRange | undefined
  /** Whether the payers get back the price of deleted numbers. */
  readonly refund?: boolean
  /** Empty for a delete. */
  readonly newValues: NewValues
}

/** SQL that inserts the record of a change; FROM may follow. The values of its range have the names of a range. */
export const INSERT_CHANGE = `
  insert into :"schema".changes (kind, person, source, request_id, start, "end", count, new_values)
  select :kind::text, :person::text, :source::text, :request_id::text, :numbers_first::text, :numbers_last::text,
    :numbers_count::integer, :new_values::jsonb`

/** Returns the values of {@link INSERT_CHANGE}, except those of the range. */
export function changeValues ({ kind, newValues }: ChangeInput, { person, source, requestId }: Actor): Values {
  return { kind, person, source, request_id: requestId, new_values: JSON.stringify(newValues) }
}

/** The record of an update or delete. */
export interface ChangeRecord extends NumbersRecord {
  readonly kind: 'update' | 'delete'
  /** The values that an update set; empty for a delete. */
  readonly newValues: NewValues
}

const COLUMNS = `${RECORD_COLUMNS}, kind, new_values as "newValues"`

/** Numbers as they were before a change: consecutive numbers with equal attributes, and aliases that counted up or none. */
export interface ChangedRun extends LoadRange {
  readonly load: string
}

const MAX_RUNS = 1_000

const LIST_CHANGES = `
  select ${COLUMNS} from :"schema".changes ${listing(
    `(new_values ->> 'customer')::integer = :customer
      or exists (select from :"schema".changed_runs where change = changes.id and customer = :customer)`,
    hasNumber('start', '"end"')
  )}`

const FIND_CHANGE = `select ${COLUMNS} from :"schema".changes where id = :id`

const LOCK_CHANGE = `${FIND_CHANGE} for no key update`

const LIST_RUNS = `
  select first, last, count, alias, ${NUMBER_COLUMNS} from :"schema".changed_runs
  where change = :id order by first limit ${MAX_RUNS}`

/** Returns changes, the latest first. */
export async function selectChanges (query: Query, filter: RecordFilter): Promise<ChangeRecord[]> {
  return (await query<ChangeRecord>(LIST_CHANGES, { ...filter })).rows
}

export async function findChange (query: Query, id: string): Promise<ChangeRecord | undefined> {
  return (await query<ChangeRecord>(FIND_CHANGE, { id })).rows[0]
}

/** Returns the first thousand runs of a change. */
export async function listRuns (query: Query, id: string): Promise<ChangedRun[]> {
  return (await query<ChangedRun>(LIST_RUNS, { id })).rows
}

/** Returns the record of a change; no other transaction can undo the change before this one has ended. */
export async function lockChange (query: Query, id: string): Promise<ChangeRecord | undefined> {
  return (await query<ChangeRecord>(LOCK_CHANGE, { id })).rows[0]
}
