import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import { rangeFrom, type NumberRange } from '../numbers/number-range.js'
import { ATTRIBUTE_NAMES, ATTRIBUTES } from './columns.js'
import { differing, isUntouched, RUNS_OF_CHANGED } from './differences.js'
import type { LoadRecord } from './loads.js'
import { findStrategy } from './lookup-strategy.js'
import { IN_NUMBERS, memberAfter, memberOf, PLACES, rangeValues } from './range-sql.js'

const IS_UNTOUCHED = isUntouched(':id')

const CONDITIONS = Object.fromEntries([...ATTRIBUTE_NAMES, 'alias'].map(column => (
  [column, `numbers.${column} is not distinct from loaded.${column}`])))

/** Whether a row of `numbers` is as the load added it. */
const IS_AS_LOADED = `(${IS_UNTOUCHED} or numbers.load = :id::bigint and ${Object.values(CONDITIONS).join(' and ')})`

const DELETE_UNTOUCHED = `delete from :"schema".numbers where ${IN_NUMBERS} and ${IS_UNTOUCHED}`

/** The rows that a load added. Those of several ranges are in a table. */
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

/** Deletes the numbers that are as the load added them, and returns how many they were. */
export async function deleteNumbers (query: Query, load: LoadRecord): Promise<number | null> {
  const values = valuesOf(load)
  if (load.rangeCount === 1 && await findStrategy(query, 'number', rangeOf(load)) === 'scan') {
    // Nearly always nothing has touched the numbers. The whole range is read, for which a bitmap is faster than a walk along
    // the index.
    await query('savepoint before_scan; set local enable_bitmapscan = on')
    const { rowCount } = await query(DELETE_UNTOUCHED, values)
    if (rowCount === load.count) return rowCount
    await query('rollback to before_scan')
  }
  return (await query(statementsOf(load).delete, values)).rowCount
}

/** Returns the first hundred runs of numbers that are not as the load added them. */
export async function findChanges (query: Query, load: LoadRecord): Promise<ChangedNumbers[]> {
  return (await query<ChangedNumbers>(statementsOf(load).findChanges, valuesOf(load))).rows
}

function statementsOf ({ rangeCount }: LoadRecord) {
  return rangeCount === 1 ? OF_ONE_RANGE : OF_SEVERAL_RANGES
}

function rangeOf ({ start, end, count }: LoadRecord): NumberRange {
  return { first: start, last: end, count }
}

function valuesOf ({ id, start, end, count, rangeCount, alias }: LoadRecord) {
  if (rangeCount > 1) return { id }
  return {
    id,
    ...rangeValues('numbers', { first: start, last: end, count }),
    ...rangeValues('aliases', alias === null ? undefined : rangeFrom(alias, count))
  }
}
