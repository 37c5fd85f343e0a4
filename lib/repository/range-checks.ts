import type { Query } from '../database/database.js'
import { BOUND_RANGES, conflictsOf, rangeRows, type AttributedRange } from './range-rows.js'
import { memberAfter } from './range-sql.js'
import type { BadReference } from './references.js'

/** A reference that ranges may not have. */
export interface BadRangeReference extends BadReference {
  readonly id: number
  /** The first range that has it, counted from 0. */
  readonly range: number
}

/** Consecutive numbers or aliases of a range that exist. `total` is how many such runs there are. */
export interface ConflictRun {
  /** The range, counted from 0. */
  readonly range: number
  readonly first: string
  readonly last: string
  readonly count: number
  readonly total: number
}

/** A number of a range and an existing one of another length, where one is a prefix of the other. */
export interface MixedLength {
  /** The range, counted from 0. */
  readonly range: number
  readonly number: string
  readonly existing: string
  readonly length: 'shorter' | 'longer'
  readonly total: number
}

const REFERENCED = { class: 'classes', ingroup: 'ingroups', customer: 'customers', region: 'regions' } as const

const missing = Object.entries(REFERENCED).map(([column, table]) => `
    select place, '${column}' as key, ${column} as id, 'missing' as reason
    from attributes where ${column} is not null and not exists (select from :"schema".${table} where ${table}.id = attributes.${column})`)

const FIND_BAD_REFERENCES = `
  with ${BOUND_RANGES}, bad as (
    ${missing.join(' union all ')}
    union all
    select place, 'class', class, 'reserved for another customer'
    from attributes join :"schema".classes on classes.id = class
    where classes.customer <> attributes.customer
  )
  select (min(position) - 1)::integer as range, key, id, reason
  from bad join ranges using (place)
  group by key, id, reason
  order by range, key`

// In a run, value and rank increase together.
function conflictsStatement (column: 'number' | 'alias'): string {
  return `
    with ${BOUND_RANGES}, conflict as (${conflictsOf(column)}), ranked as (
      select *, row_number() over (partition by position order by value) as rank from conflict
    ), run as (
      select position, min(value) as first, max(value) as last, count(*)::integer as count
      from ranked
      group by position, case when value ~ '^[+]?[0-9]+$' then ltrim(value, '+')::numeric end - rank
    )
    select (position - 1)::integer as range, first, last, count, (count(*) over ())::integer as total
    from run
    order by position, first
    limit :limit`
}

const FIND_CONFLICTS = { number: conflictsStatement('number'), alias: conflictsStatement('alias') }

// Each prefix is looked up separately, because between two prefixes the index has all numbers that begin with the first one.
const FIND_MIXED_LENGTHS = `
  with ${BOUND_RANGES}, prefix as (
    select distinct on (prefix) position, prefix
    from ranges
      cross join generate_series(1, octet_length(first) - 1) as width
      cross join generate_series(0, (left(last, width)::numeric - left(first, width)::numeric)::integer) as step
      cross join lateral (select ${memberAfter('left(first, width)', 'step')} as prefix) as counted
    order by prefix, position
  ), mixed as (
    select position, number as existing, rpad(greatest(first, number), octet_length(first), '0') as number, 'shorter' as length
    from prefix join :"schema".numbers on numbers.number = prefix join ranges using (position)
    union all
    select position, longer.number, left(longer.number, octet_length(first)), 'longer'
    from ranges cross join lateral (
      select number from :"schema".numbers
      where number > first and number < last || ':' and octet_length(number) > octet_length(first)
      order by number limit 1
    ) as longer
  )
  select (position - 1)::integer as range, existing, number, length, (count(*) over ())::integer as total
  from mixed
  order by position, existing
  limit :limit`

/** Returns the references that the ranges may not have, in the order of the ranges. */
export async function findBadRangeReferences (query: Query, ranges: readonly AttributedRange[]): Promise<BadRangeReference[]> {
  return (await query<BadRangeReference>(FIND_BAD_REFERENCES, rangeRows(ranges))).rows
}

/** Returns the first `limit` runs of numbers or aliases that exist. */
export async function findConflictRuns (
  query: Query, column: 'number' | 'alias', ranges: readonly AttributedRange[], limit: number
): Promise<ConflictRun[]> {
  return (await query<ConflictRun>(FIND_CONFLICTS[column], { ...rangeRows(ranges), limit })).rows
}

/** Returns the first `limit` numbers of the ranges that begin with an existing number, or are a prefix of one. */
export async function findMixedLengths (
  query: Query, ranges: readonly AttributedRange[], limit: number
): Promise<MixedLength[]> {
  return (await query<MixedLength>(FIND_MIXED_LENGTHS, { ...rangeRows(ranges), limit })).rows
}
