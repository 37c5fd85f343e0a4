import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import { ATTRIBUTE_NAMES, ATTRIBUTES } from './columns.js'
import { memberAfter } from './range-sql.js'
import { MAX_LISTED_CHANGES } from './undo.js'

const LOADED = `
  select position, step as place, ${memberAfter('first', 'step')} as number, ${memberAfter('alias', 'step')} as alias, ${ATTRIBUTES}
  from :"schema".load_ranges, generate_series(0, count - 1) as step
  where load_ranges.load = :id::bigint`

/** Whether a row of `numbers` is as the load added it. */
const IS_AS_LOADED = ['alias', ...ATTRIBUTE_NAMES].reduce((conditions, column) => (
  `${conditions} and numbers.${column} is not distinct from loaded.${column}`), 'numbers.load = :id::bigint')

const DELETE_NUMBERS = `
  delete from :"schema".numbers using (${LOADED}) as loaded
  where numbers.number = loaded.number and ${IS_AS_LOADED}`

const FIND_CHANGES = `
  with loaded as (${LOADED}), changed as (
    select position, place, loaded.number, case when numbers.load = :id then 'changed' else 'gone' end as reason
    from loaded left join :"schema".numbers on numbers.number = loaded.number
    where (${IS_AS_LOADED}) is not true
  ), run as (
    select *, place - row_number() over (partition by position, reason order by place) as run from changed
  )
  select min(number) as first, max(number) as last, count(*)::integer as count, reason
  from run
  group by position, reason, run
  order by position, first
  limit ${MAX_LISTED_CHANGES}`

/** As `deleteNumbers`, for a load of several ranges. */
export async function deleteNumbersOfRanges (query: Query, id: string): Promise<number | null> {
  return (await query(DELETE_NUMBERS, { id })).rowCount
}

/** As `findChanges`, for a load of several ranges. */
export async function findChangesOfRanges (query: Query, id: string): Promise<ChangedNumbers[]> {
  return (await query<ChangedNumbers>(FIND_CHANGES, { id })).rows
}
