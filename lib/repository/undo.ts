import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import { rangeFrom } from '../numbers/number-range.js'
import { ATTRIBUTE_NAMES, ATTRIBUTES } from './columns.js'
import { differing, isUntouched, RUNS_OF_CHANGED } from './differences.js'
import type { LoadRecord } from './loads.js'
import { IN_NUMBERS, memberAfter, memberOf, PLACES, rangeValues } from './range-sql.js'
import { walkedRange } from './walked-range.js'

const IS_UNTOUCHED = isUntouched(':id')

/** Makes the planner look up a long range number by number too, because it cannot know that this is faster. */
const PROBE = 'set local enable_hashjoin = off; set local enable_mergejoin = off'

const CONDITIONS = Object.fromEntries([...ATTRIBUTE_NAMES, 'alias'].map(column => (
  [column, `numbers.${column} is not distinct from loaded.${column}`])))

/** Whether a row of `numbers` is as the load added it. */
const IS_AS_LOADED = `(${IS_UNTOUCHED} or numbers.load = :id::bigint and ${Object.values(CONDITIONS).join(' and ')})`

/** The shortest range whose numbers are first searched where the load wrote them. */
const MIN_UNTOUCHED = 1_000

/** A range with more pages than this for each of its numbers is not searched in the table. */
const MAX_PAGES_PER_NUMBER = 0.1

// Not for partitions: each has its own row positions (ctid), and a statement without bounds of numbers would lock the others.
const FIND_ENDS = `
  select low.ctid as low, high.ctid as high
  from :"schema".numbers as low join pg_class on pg_class.oid = low.tableoid and not relispartition, :"schema".numbers as high
  where low.number = :numbers_first::text and high.number = :numbers_last::text
    and (high.ctid::text::point)[0] - (low.ctid::text::point)[0] <= ${MAX_PAGES_PER_NUMBER} * :numbers_count::integer`

const DELETE_BETWEEN = `
  delete from :"schema".numbers
  where ctid >= :low::tid and ctid <= :high::tid and load = :id::bigint and ${IS_UNTOUCHED}`

const DELETE_UNTOUCHED = `
  delete from :"schema".numbers
  where ${IN_NUMBERS} and ctid = any (array(select ctid from ${walkedRange('number', 'ctid')})) and ${IS_UNTOUCHED}`

/** The rows that a load added. Those of several ranges are stored in a table. */
const OF_ONE_RANGE = statements(`
  select 0 as position, place, ${memberOf('numbers')} as number, ${memberOf('aliases')} as alias, ${ATTRIBUTES}
  from :"schema".loads, ${PLACES}
  where loads.id = :id::bigint`)

const OF_SEVERAL_RANGES = statements(`
  select position, step as place, ${memberAfter('first', 'step')} as number, ${memberAfter('alias', 'step')} as alias, ${ATTRIBUTES}
  from :"schema".load_ranges, generate_series(0, count - 1) as step
  where load_ranges.load = :id::bigint`)

function statements (loaded: string) {
  return {
    delete: `
      delete from :"schema".numbers using (${loaded}) as loaded
      where numbers.number = loaded.number and ${IS_AS_LOADED}`,
    findChanges: `
      with loaded as (${loaded}), changed as (
        select position, place, loaded.number, case when numbers.load = :id then 'changed' else 'gone' end as reason,
          case when numbers.load = :id then ${differing(CONDITIONS)} else '{}' end as differs
        from loaded left join :"schema".numbers on numbers.number = loaded.number
        where ${IS_AS_LOADED} is not true
      ), ${RUNS_OF_CHANGED}`
  }
}

/** Deletes the numbers that are as the load added them, and returns their count. */
export async function deleteNumbers (query: Query, load: LoadRecord): Promise<number | null> {
  const values = valuesOf(load)
  if (load.rangeCount > 1 || load.count < MIN_UNTOUCHED) return (await query(statementsOf(load).delete, values)).rowCount
  // Nearly always, the numbers are untouched, and are in the table where the load wrote them, one after the other. So they are
  // found without the index, in which any count of longer numbers may be between them. The count shows whether all were found.
  const { rows: [ends] } = await query<{ low: string, high: string }>(FIND_ENDS, values)
  const attempts = [...ends === undefined ? [] : [DELETE_BETWEEN], DELETE_UNTOUCHED]
  await query('savepoint before_deleting')
  for (const attempt of attempts) {
    const { rowCount } = await query(attempt, { ...values, ...ends })
    if (rowCount === load.count) return rowCount
    await query('rollback to before_deleting')
  }
  await query(PROBE)
  return (await query(OF_ONE_RANGE.delete, values)).rowCount
}

/** Returns the first hundred runs of numbers that are not as the load added them. */
export async function findChanges (query: Query, load: LoadRecord): Promise<ChangedNumbers[]> {
  return (await query<ChangedNumbers>(statementsOf(load).findChanges, valuesOf(load))).rows
}

function statementsOf ({ rangeCount }: LoadRecord) {
  return rangeCount === 1 ? OF_ONE_RANGE : OF_SEVERAL_RANGES
}

function valuesOf ({ id, start, end, count, rangeCount, alias }: LoadRecord) {
  if (rangeCount > 1) return { id }
  return {
    id,
    ...rangeValues('numbers', { first: start, last: end, count }),
    ...rangeValues('aliases', alias === null ? undefined : rangeFrom(alias, count))
  }
}
