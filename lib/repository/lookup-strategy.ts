import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import { memberOf, rangeValues, strategyFor, type LookupStrategy } from './range-sql.js'

/** How many members of a long range are searched for longer values that begin with them, and how many of these are counted. */
const SAMPLES = 100
const MAX_COUNTED = 1_000

/** PostgreSQL reads so many entries of an index in the time that it takes to look up one. */
const ENTRIES_PER_PROBE = 24

// Nearly always there are none, which takes less than a millisecond.
function crowdedStatement (column: 'number' | 'alias'): string {
  const name = column === 'number' ? 'numbers' : 'aliases'
  return `
    select sum(longer) > ${ENTRIES_PER_PROBE} * count(*) as "isCrowded"
    from (
      select ${memberOf(name)} as member
      from (select generate_series(0, :${name}_count::integer - 1, :${name}_count::integer / ${SAMPLES}) as place) as places
    ) as sample cross join lateral (
      select count(*) as longer
      from (
        select from :"schema".${name}
        where ${column} > member and ${column} < member || ':'
          -- For the planner, which leaves out other partitions.
          and ${column} > :${name}_first and ${column} < :${name}_last::text || ':'
        limit ${MAX_COUNTED}) as entries
    ) as counted`
}

const IS_CROWDED = { number: crowdedStatement('number'), alias: crowdedStatement('alias') }

/** A probe is a look-up in the index, which the planner cannot know to be the better way for a million. */
const PROBE = 'set local enable_hashjoin = off; set local enable_mergejoin = off'

/**
 * Returns the better strategy for a range, as {@link strategyFor}; a long range is also looked up member by member if far more
 * longer values lie between its members. Must be called in a transaction.
 */
export async function findStrategy (query: Query, column: 'number' | 'alias', range: NumberRange): Promise<LookupStrategy> {
  if (strategyFor(range.count) === 'probe') return 'probe'
  const { rows: [row] } = await query<{ isCrowded: boolean }>(
    IS_CROWDED[column], rangeValues(column === 'number' ? 'numbers' : 'aliases', range))
  if (row?.isCrowded !== true) return 'scan'
  await query(PROBE)
  return 'probe'
}
