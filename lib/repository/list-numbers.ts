import type { Database, Query } from '../database/database.js'
import type { Values } from '../database/statement.js'
import { isBigint } from '../database/text.js'
import type { ListRequest } from '../parameters/list.js'

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

/** Count of rows that are in memory at a time. */
export const ROWS_PER_FETCH = 1_000

/** SQL for the listed columns of a number. */
export const COLUMNS = {
  all: `number, coalesce(alias, '') as alias, class, ingroup, coalesce(customer, 0) as customer, coalesce(region, 0) as region,
    stype, load::text as load`,
  number: 'number'
}

// The rows are found in order by the primary key. A sort would keep all rows in memory and delay the first one, but could look
// cheaper to the planner, because after a large load the table has no statistics yet.
const WALK_PRIMARY_KEY = `
  set local enable_bitmapscan = off;
  set local enable_seqscan = off;
  set local enable_sort = off`

/** Some rows as JSON, separated by commas. */
export interface JsonBatch {
  readonly json: string
  readonly count: number
}

interface BatchRow {
  readonly json: string | null
  readonly count: number
  readonly last: string | null
}

/** Counts the numbers of a filter, without its `limit` and `offset`. */
export async function countNumbers (query: Query, filter: ListRequest): Promise<number> {
  const { rows: [row] } = await query<{ count: string }>(
    `select count(*) from :"schema".numbers where ${conditionsOf(filter)}`, valuesOf(filter))
  return Number(row?.count)
}

/**
 * Passes the numbers of a selection to `emit`, in batches, ordered by number; each batch waits for the previous one. All are from
 * one snapshot. A batch begins after the last number of the previous one, so no cursor is needed, and PostgreSQL can write the
 * JSON of a batch as one value: in Node.js, a batch costs no more than its text.
 */
export async function fetchNumbers (
  database: Database, { filter, columns }: ListSelection, emit: (batch: JsonBatch) => Promise<void>
): Promise<void> {
  await database.snapshot(async query => {
    const maximum = filter.limit === 0 ? Infinity : filter.limit
    let fetched = 0
    let { after, offset } = filter
    while (fetched < maximum) {
      const limit = Math.min(ROWS_PER_FETCH, maximum - fetched)
      const { rows: [row] } = await query<BatchRow>(`
        select string_agg(row_to_json(listed)::text, ',') as json, count(*)::integer as count, max(number) as last
        from (
          select ${COLUMNS[columns]} from :"schema".numbers where ${conditionsOf({ ...filter, after })}
          order by number limit :limit::bigint offset :offset::bigint
        ) as listed`, valuesOf({ ...filter, after, limit, offset }))
      if (row === undefined || row.json === null || row.last === null) return
      await emit({ json: row.json, count: row.count })
      if (row.count < limit) return
      fetched += row.count
      after = row.last
      offset = 0
    }
  }, isSearchedPage(filter) ? '' : WALK_PRIMARY_KEY)
}

/**
 * Returns whether the planner may choose the access: if few numbers contain the digits, it reads the table in parallel, and sorts
 * the result.
 */
function isSearchedPage ({ search, limit }: ListRequest): boolean {
  return search !== '' && limit > 0 && limit <= ROWS_PER_FETCH
}

/** Returns SQL for only the parameters that are set, so that the planner need not plan for the others. */
function conditionsOf (filter: ListRequest): string {
  const conditions = [
    filter.assigned && 'customer is not null',
    filter.free && 'customer is null',
    filter.class > 0 && 'class = :class::integer',
    filter.ingroup > 0 && 'ingroup = :ingroup::integer',
    filter.customer > 0 && 'customer = :customer::integer',
    filter.region > 0 && 'region = :region::integer',
    Number(filter.load) > 0 && 'load = :load::bigint',
    filter.stype !== '' && 'stype = :stype::text',
    filter.search !== '' && `number like '%' || :search::text || '%'`,
    // Ranges of the primary key, which has the collation "C".
    filter.prefix !== '' && 'number >= :prefix::text and number < :prefix_end::text',
    filter.start !== '' && 'number >= :start::text and number <= :end::text and octet_length(number) = octet_length(:start::text)',
    filter.after !== '' && 'number > :after::text'
  ]
  return conditions.filter(condition => condition !== false).join(' and ') || 'true'
}

function valuesOf (filter: ListRequest): Values {
  const { load, prefix, start, end } = filter
  // No number has a load beyond the largest identifier.
  return { ...filter, load: isBigint(load) ? load : null, prefix_end: endOfPrefix(prefix), end: end === '' ? start : end }
}

/** Returns the first text that sorts after every text with the prefix. */
function endOfPrefix (prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode((prefix.codePointAt(prefix.length - 1) ?? 0) + 1)
}
