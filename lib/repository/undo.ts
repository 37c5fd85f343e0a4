import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import { blocksOf, isInBlock } from './blocks.js'
import { ATTRIBUTE_NAMES, ATTRIBUTES } from './columns.js'
import { differing, isUntouched, joinNumber, RUNS_OF_CHANGED } from './differences.js'
import type { LoadRecord } from './loads.js'
import { findEnds, IS_BETWEEN_ENDS, IS_MEMBER } from './located-range.js'
import { memberAfter, placeOf, rangeValues } from './range-sql.js'

const IS_UNTOUCHED = isUntouched(':id')

// A load of one range has no rows of its own for it.
const RANGES = `(
    select 0 as position, start as first, count, alias, ${ATTRIBUTES} from :"schema".loads where id = :id::bigint and ranges = 1
    union all
    select position, first, count, alias, ${ATTRIBUTES} from :"schema".load_ranges where load = :id::bigint
  ) as ranges`

const CONDITIONS = {
  ...Object.fromEntries(ATTRIBUTE_NAMES.map(column => [column, `numbers.${column} is not distinct from loaded.${column}`])),
  alias: `numbers.alias is not distinct from ${memberAfter('loaded.alias', placeOf('numbers.number', 'loaded.first'))}`
}

/** Whether a row of `numbers` is as the load added it. */
const IS_AS_LOADED = `(${IS_UNTOUCHED} or numbers.load = :id::bigint and ${Object.values(CONDITIONS).join(' and ')})`

const DELETE_LOCATED = `
  delete from :"schema".numbers
  where ${IS_BETWEEN_ENDS} and load = :id::bigint and ${IS_UNTOUCHED}`

const DELETE_IN_BLOCKS = `
  delete from :"schema".numbers using (
    select ranges.*, block from ${RANGES} cross join lateral ${blocksOf('ranges')} offset 0
  ) as loaded
  where ${isInBlock('loaded')} and ${IS_AS_LOADED}`

// Without a join, there is only one plan: the members are looked up. The bounds let the planner skip other partitions.
const DELETE_MEMBERS = `
  delete from :"schema".numbers using (select start as first, alias, ${ATTRIBUTES} from :"schema".loads where id = :id::bigint) as loaded
  where ${IS_MEMBER} and ${IS_AS_LOADED}`

const FIND_CHANGES = `
  with loaded as (
    select ranges.*, step as place, ${memberAfter('first', 'step')} as number
    from ${RANGES} cross join lateral generate_series(0, count - 1) as step
  ), changed as (
    select position, place, loaded.number, case when numbers.load = :id then 'changed' else 'gone' end as reason,
      case when numbers.load = :id then ${differing(CONDITIONS)} else '{}' end as differs
    from loaded ${joinNumber('loaded.number')}
    where ${IS_AS_LOADED} is not true
  ), ${RUNS_OF_CHANGED}`

/** Deletes the numbers that are as the load added them, and returns their count. */
export async function deleteNumbers (query: Query, { id, start, end, count, rangeCount }: LoadRecord): Promise<number | null> {
  const values = { id, ...rangeValues('numbers', { first: start, last: end, count }) }
  if (rangeCount > 1) return (await query(DELETE_IN_BLOCKS, values)).rowCount
  // Nearly always, the numbers are untouched.
  const ends = await findEnds(query, values)
  if (ends !== undefined) {
    await query('savepoint before_deleting')
    const { rowCount } = await query(DELETE_LOCATED, { ...values, ...ends })
    if (rowCount === count) return rowCount
    await query('rollback to before_deleting')
  }
  return (await query(DELETE_MEMBERS, values)).rowCount
}

/** Returns the first hundred runs of numbers that are not as the load added them. */
export async function findChanges (query: Query, { id }: LoadRecord): Promise<ChangedNumbers[]> {
  return (await query<ChangedNumbers>(FIND_CHANGES, { id })).rows
}
