import type { Database } from '../database/database.js'
import type { Values } from '../database/statement.js'
import { isBigint } from '../database/text.js'
import { digitsAfter, MAX_RANGE, rangeBetween, type NumberRange } from '../numbers/number-range.js'
import type { ListRequest } from '../parameters/list.js'
import { IN_NUMBERS, rangeValues } from './range-sql.js'
import { walkedRange } from './walked-range.js'

/**
 * A number as the endpoints return it. Missing values are not null: `alias` is empty, `customer` and `region` are 0, as in
 * the parameters.
 */
export interface NumberRecord {
  readonly number: string
  readonly alias: string
  readonly class: number
  readonly ingroup: number
  /** 0 for a number of no customer. */
  readonly customer: number
  readonly region: number
  readonly stype: string
  /** Identifies the load that added the number, a bigint in decimal digits. */
  readonly load: string
}

/** Selects the numbers to list. */
export interface ListSelection {
  readonly filter: ListRequest
  readonly columns: 'all' | 'number'
}

/** The most rows of a page, which is read as one batch. */
export const MAX_PAGE_ROWS = 1_000

/** Rows in a batch of a longer list. The driver would copy a text that is longer than what it reads from the socket at a time. */
const ROWS_PER_BATCH = 500

/** Batches that one statement returns, because planning it takes as long as reading hundreds of rows. */
const BATCHES_PER_FETCH = 4

/** SQL for a text as JSON. Finding out that a text needs no escapes takes less time than escaping it. */
const quoted = (column: string): string => `case when ${column} ~ '^[+0-9]*$' then '"' || ${column} || '"' else to_json(${column})::text end`

/** SQL for a number as JSON. It takes half the time of row_to_json. */
export const JSON_OF_NUMBER = `concat('{"number":', ${quoted('number')}, ',"alias":', coalesce(${quoted('alias')}, '""'),
    ',"class":', class, ',"ingroup":', ingroup, ',"customer":', coalesce(customer, 0), ',"region":', coalesce(region, 0),
    ',"stype":"', stype, '","load":"', load, '"}')`

const JSON_OF = { all: JSON_OF_NUMBER, number: `concat('{"number":', ${quoted('number')}, '}')` }

// The rows are found in order by the primary key. A sort would keep all rows in memory and delay the first one, but could look
// cheaper to the planner, because after a large load the table has no statistics yet.
const WALK_PRIMARY_KEY = `
  set local enable_bitmapscan = off;
  set local enable_seqscan = off;
  set local enable_sort = off`

/** Rows in a batch of a list of a range, because a walk of the range begins anew for each batch. */
const ROWS_PER_WALK = 2_000

/** Some rows as JSON, separated by commas. */
export interface JsonBatch {
  readonly json: string
  readonly count: number
}

interface BatchRow extends JsonBatch {
  /** The last number of the batch. */
  readonly last: string
}

/** Counts the numbers of a filter, without its `limit` and `offset`. */
export async function countNumbers (database: Database, filter: ListRequest): Promise<number> {
  const source = sourceOf(filter)
  if (source === undefined) return 0
  return await database.snapshot(async query => {
    const { rows: [row] } = await query<{ count: string }>(
      `select count(*) from ${source.rows} where ${conditionsOf(filter)}`, { ...valuesOf(filter), ...source.values })
    return Number(row?.count)
  }, filter.start === '' ? '' : WALK_PRIMARY_KEY)
}

/**
 * Passes the numbers of a selection to `emit`, in batches, ordered by number; each batch waits for the previous one. All are from
 * one snapshot. A batch begins after the last number of the previous one, so no cursor is needed, and PostgreSQL can write the
 * JSON of a batch as one value: in Node.js, a batch costs no more than its text. PostgreSQL reads the next batches meanwhile.
 */
export async function fetchNumbers (
  database: Database, { filter, columns }: ListSelection, emit: (batch: JsonBatch) => Promise<void>
): Promise<void> {
  await database.snapshot(async query => {
    const fetchPart = async (part: ListRequest): Promise<BatchRow[]> => {
      const source = sourceOf(part)
      if (source === undefined) return []
      const text = sizeOf(part).batches === 1 ? pageOf(part, columns, source) : batchesOf(part, columns)
      return (await query<BatchRow>(text, { ...valuesOf(part), ...source.values })).rows
    }
    let part: ListRequest | undefined = filter
    let fetching = fetchPart(filter)
    while (part !== undefined) {
      const batches: BatchRow[] = await fetching
      part = partAfter(part, batches)
      if (part !== undefined) {
        fetching = fetchPart(part)
        // If it fails while `emit` waits, the error is thrown when these batches are due.
        fetching.catch(() => {})
      }
      for (const batch of batches) await emit(batch)
    }
  // If few numbers contain the digits, the planner reads the table for a page in parallel, and sorts the result.
  }, isPage(filter) && filter.search !== '' && filter.start === '' ? '' : WALK_PRIMARY_KEY)
}

/** Returns whether a list is so short that it is read as one batch. */
export function isPage ({ limit }: ListRequest): boolean {
  return limit > 0 && limit <= MAX_PAGE_ROWS
}

/** Returns how many rows one statement returns, in how many batches. */
function sizeOf (part: ListRequest): { readonly batches: number, readonly rows: number } {
  if (isPage(part)) return { batches: 1, rows: MAX_PAGE_ROWS }
  return part.start === '' ? { batches: BATCHES_PER_FETCH, rows: ROWS_PER_BATCH } : { batches: 1, rows: ROWS_PER_WALK }
}

/** Returns the rest of a list after these batches, `undefined` if there is none. */
function partAfter (part: ListRequest, batches: readonly BatchRow[]): ListRequest | undefined {
  const size = sizeOf(part)
  const last = batches.at(-1)
  const isEnd = isPage(part) || batches.length < size.batches || last?.count !== size.rows
  const limit = part.limit - size.batches * size.rows
  return isEnd || limit === 0 ? undefined : { ...part, limit: Math.max(limit, 0), after: last.last, offset: 0 }
}

function pageOf (page: ListRequest, columns: ListSelection['columns'], source: Source): string {
  const limit = `least(${sizeOf(page).rows}, :limit::bigint) offset :offset::bigint`
  return `select * from (${batchOf(columns, conditionsOf(page), limit, source)}) as page where count > 0`
}

/** The limit is NULL, which LEAST ignores, if there is none. */
function batchesOf (part: ListRequest, columns: ListSelection['columns']): string {
  const condition = conditionsOf(part)
  return `
    with recursive batch as (
      select first.*, 1 as place
      from (${batchOf(columns, condition, `least(${ROWS_PER_BATCH}, :limit::bigint) offset :offset::bigint`)}) as first
      union all
      select next.*, batch.place + 1
      from batch cross join lateral (
        ${batchOf(columns, `${condition} and number > batch.last`, `least(${ROWS_PER_BATCH}, :limit::bigint - ${ROWS_PER_BATCH} * batch.place)`)}
      ) as next
      where batch.count = ${ROWS_PER_BATCH} and batch.place < ${BATCHES_PER_FETCH}
    )
    select json, count, last from batch where count > 0`
}

function batchOf (columns: ListSelection['columns'], condition: string, limit: string, { rows, order } = ALL_NUMBERS): string {
  return `
    select string_agg(${JSON_OF[columns]}, ',') as json, count(*)::integer as count, max(number) as last
    from (select * from ${rows} where ${condition} ${order} limit ${limit}) as listed`
}

/** Where numbers are found, in their order. */
interface Source {
  readonly rows: string
  readonly order: string
  readonly values: Values
}

const ALL_NUMBERS: Source = { rows: ':"schema".numbers', order: 'order by number', values: {} }

const IN_RANGE = walkedRange('number', '*')

/** For a filter that the index of aliases answers: a walk would read the range. */
const ALL_IN_RANGE = `(select * from :"schema".numbers where ${IN_NUMBERS}) as numbers`

/** Returns where the numbers of a filter are found, `undefined` if its range ends before them. */
function sourceOf (filter: ListRequest): Source | undefined {
  if (filter.start === '') return ALL_NUMBERS
  const range = rangeAfter(filter)
  // A walk is in order. Sorting would read it to its end for every page.
  return range && { rows: filter.alias === '' ? IN_RANGE : ALL_IN_RANGE, order: '', values: rangeValues('numbers', range) }
}

/** Returns the range of a filter without the numbers that do not sort after its `after`, `undefined` if none is left. */
function rangeAfter ({ start, end, after }: ListRequest): NumberRange | undefined {
  const width = start.length
  const lowest = after.length < width ? after.padEnd(width, '0') : digitsAfter(after.slice(0, width), 1)
  if (lowest === undefined) return undefined
  const range = rangeBetween(lowest > start ? lowest : start, end === '' ? start : end, MAX_RANGE)
  return 'issue' in range ? undefined : range
}

/** Returns SQL for only the parameters that are set, so that the planner need not plan for the others. The range is a source. */
function conditionsOf (filter: ListRequest): string {
  const conditions = [
    filter.assigned && 'customer is not null',
    filter.free && 'customer is null',
    filter.class > 0 && 'class = :class::integer',
    filter.ingroup > 0 && 'ingroup = :ingroup::integer',
    filter.alias !== '' && 'number = (select number from :"schema".aliases where alias = :alias::text)',
    filter.customer > 0 && 'customer = :customer::integer',
    filter.region > 0 && 'region = :region::integer',
    Number(filter.load) > 0 && 'load = :load::bigint',
    filter.stype !== '' && 'stype = :stype::text',
    filter.search !== '' && `number like '%' || :search::text || '%'`,
    // Ranges of the primary key, which has the collation "C".
    filter.prefix !== '' && 'number >= :prefix::text and number < :prefix_end::text',
    filter.after !== '' && 'number > :after::text'
  ]
  return conditions.filter(condition => condition !== false).join(' and ') || 'true'
}

function valuesOf (filter: ListRequest): Values {
  const { load, prefix } = filter
  // No number has a load beyond the largest identifier.
  return { ...filter, limit: filter.limit || null, load: isBigint(load) ? load : null, prefix_end: endOfPrefix(prefix) }
}

/** Returns the first text that sorts after every text with the prefix. */
function endOfPrefix (prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode((prefix.codePointAt(prefix.length - 1) ?? 0) + 1)
}
