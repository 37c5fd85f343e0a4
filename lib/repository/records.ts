import type { Query } from '../database/database.js'
import { RangeSet, type Run } from '../numbers/range-set.js'

/** The tables of records, whose identifiers come from one sequence. */
export type RecordTable = 'loads' | 'changes'

/** The properties that the records of loads and changes share. */
export interface NumbersRecord {
  /** A bigint in decimal digits. No load has the identifier of a change. */
  readonly id: string
  readonly createdAt: Date
  /** Username of the caller, or `null` if host code gave none. */
  readonly person: string | null
  /** Network address of the caller, or the value that host code gave. */
  readonly source: string | null
  /** Identifier of the HTTP request, or the value that host code gave. */
  readonly requestId: string | null
  readonly start: string
  readonly end: string
  readonly count: number
  readonly undoneAt: Date | null
  readonly undoneBy: string | null
}

/** The columns of a {@link NumbersRecord}. */
export const RECORD_COLUMNS = `
  id, created_at as "createdAt", person, source, request_id as "requestId", start, "end", count,
  undone_at as "undoneAt", undone_by as "undoneBy"`

/** The filters of a list of records, the latest first; `undefined` for all. */
export interface RecordFilter {
  readonly limit: number
  readonly before: string | undefined
  readonly person: string | undefined
  readonly customer: number | undefined
  readonly number: string | undefined
  /** The first moment of a day, in ISO 8601 notation. */
  readonly from: string | undefined
}

/** The end of a statement that lists records; two conditions determine whether they concern the customer and the number. */
export function listing (hasCustomer: string, hasNumber: string): string {
  return `
  where (:before::bigint is null or id < :before)
    and (:person::text is null or person = :person)
    and (:from::timestamptz is null or created_at >= :from and created_at < :from::timestamptz + interval '24 hours')
    and (:customer::integer is null or ${hasCustomer})
    and (:number::text is null or ${hasNumber})
  order by id desc
  limit :limit`
}

/** SQL for whether a number is in a range, whose ends are in two columns. */
export function hasNumber (first: string, last: string): string {
  return `${first} <= :number and ${last} >= :number collate "C" and octet_length(${first}) = octet_length(:number)`
}

const COUNT_NUMBERS = `
  select coalesce(sum(count), 0)::integer as count
  from (
    select id, count from :"schema".loads union all select id, count from :"schema".changes
  ) as record
  where id = any (:ids::bigint[])`

/**
 * SQL for the ranges of the records for which a condition holds. The first and the last number of a record of several ranges are
 * not their bounds.
 */
function rangesOf (condition: string): string {
  return `
    select id, start as first, "end" as last from :"schema".loads where ${condition} and ranges = 1
    union all
    select id, start, "end" from :"schema".changes where ${condition}
    union all
    select id, first, last from :"schema".loads join :"schema".load_ranges on load = loads.id where ${condition} and ranges > 1`
}

/** The ranges of the records whose identifiers are in a list. */
export const RANGES_OF_RECORDS = rangesOf('id = any (:records::bigint[])')

// A cursor, because all later records of a large database may have millions of ranges.
const DECLARE_LATER = `
  declare later_ranges no scroll cursor for
  select id, first, last from (${rangesOf('id > :id::bigint and undone_at is null')}) as range
  order by id, octet_length(first), first collate "C"`

const FETCH_LATER = 'fetch 10000 from later_ranges'

/** More identifiers than this would be too long for a message and for a command. */
const MAX_LISTED_RECORDS = 100

/** Records, the latest first. */
export interface LaterRecords {
  /** The identifiers of the latest hundred. */
  readonly ids: readonly string[]
  readonly count: number
}

const MARK_UNDONE = {
  loads: 'update :"schema".loads set undone_at = clock_timestamp(), undone_by = :person where id = :id',
  changes: 'update :"schema".changes set undone_at = clock_timestamp(), undone_by = :person where id = :id'
}

/** Returns how many numbers the loads and changes with these identifiers concern. */
export async function countNumbersOf (query: Query, ids: readonly string[]): Promise<number> {
  const { rows: [row] } = await query<{ count: number }>(COUNT_NUMBERS, { ids })
  return Number(row?.count)
}

/**
 * Returns the loads and changes after a given one that prevent its undo: those of some numbers, and those that prevent the undo
 * of these. Undone ones are not among them.
 */
export async function findLater (query: Query, id: string, runs: readonly Run[]): Promise<LaterRecords> {
  const concerned = new RangeSet()
  for (const run of runs) concerned.add([run])
  const found: string[] = []
  let record: { readonly id: string, readonly ranges: Run[] } = { id, ranges: [] }
  // In the order of time, each record needs to be compared only once: what prevents its own undo is later.
  const finish = (): void => {
    if (!record.ranges.some(range => concerned.overlaps(range))) return
    concerned.add(record.ranges)
    found.push(record.id)
  }
  await query(DECLARE_LATER, { id })
  for (;;) {
    const { rows } = await query<Run & { id: string }>(FETCH_LATER)
    if (rows.length === 0) break
    for (const { id, first, last } of rows) {
      if (id !== record.id) {
        finish()
        record = { id, ranges: [] }
      }
      record.ranges.push({ first, last })
    }
  }
  finish()
  await query('close later_ranges')
  return { ids: found.slice(-MAX_LISTED_RECORDS).reverse(), count: found.length }
}

/** Throws a retryable error if a record, whose numbers are all written, is not their latest one. */
export async function throwIfOvertaken (query: Query, id: string): Promise<void> {
  await query('select :"schema".refuse_overtaken(array[:id::bigint])', { id })
}

export async function markUndone (query: Query, table: RecordTable, id: string, person: string | null): Promise<void> {
  await query(MARK_UNDONE[table], { id, person })
}
