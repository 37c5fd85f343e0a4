import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import { ATTRIBUTE_NAMES, ATTRIBUTES, differing } from './columns.js'
import { memberAfter } from './range-sql.js'
import { MAX_LISTED_CHANGES } from './undo.js'

const LOADED = `
  select position, step as place, ${memberAfter('first', 'step')} as number, ${memberAfter('alias', 'step')} as alias, ${ATTRIBUTES}
  from :"schema".load_ranges, generate_series(0, count - 1) as step
  where load_ranges.load = :id::bigint`

const CONDITIONS = Object.fromEntries([...ATTRIBUTE_NAMES, 'alias'].map(column => (
  [column, `numbers.${column} is not distinct from loaded.${column}`])))

/** Whether a row of `numbers` is as the load added it. */
const IS_AS_LOADED = ['numbers.load = :id::bigint', ...Object.values(CONDITIONS)].join(' and ')

const DELETE_NUMBERS = `
  delete from :"schema".numbers using (${LOADED}) as loaded
  where numbers.number = loaded.number and ${IS_AS_LOADED}`

const FIND_CHANGES = `
  with loaded as (${LOADED}), changed as (
    select position, place, loaded.number, case when numbers.load = :id then 'changed' else 'gone' end as reason,
      case when numbers.load = :id then ${differing(CONDITIONS)} else '{}' end as differs
    from loaded left join :"schema".numbers on numbers.number = loaded.number
    where (${IS_AS_LOADED}) is not true
  ), run as (
    select *, place - row_number() over (partition by position, reason, differs order by place) as run from changed
  )
  select min(number) as first, max(number) as last, count(*)::integer as count, reason, to_jsonb(differs) as differs
  from run
  group by position, reason, differs, run
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
