import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import type { NumberRange } from '../numbers/number-range.js'
import { differingFromValues, HAS_ATTRIBUTES } from './columns.js'
import type { LoadRecord } from './loads.js'
import { IN_NUMBERS, memberOf, PLACES, rangeValues, strategyFor } from './range-sql.js'

/** The numbers and aliases that a load added. */
export interface LoadedRanges {
  readonly numbers: NumberRange
  readonly aliases: NumberRange | undefined
}

export const MAX_LISTED_CHANGES = 100

// PostgreSQL gives each version of a row the transaction that wrote it, so a number that has that of its load is as the load
// added it. The row of the load must have it too, and must have recorded it, because a restore writes both anew; and
// transactions must not have come round to the same 32 bits.
const IS_UNTOUCHED = `numbers.xmin = (
      select loads.xmin from :"schema".loads
      where id = :id and loads.xmin = xid::xid and pg_current_xact_id()::text::bigint - xid::text::bigint < 4294967296)`

/** Whether a row of `numbers` is as the load added it. */
const IS_AS_LOADED = `(${IS_UNTOUCHED} or load = :id::bigint and ${HAS_ATTRIBUTES} and numbers.alias is not distinct from loaded.alias)`

const LOADED = `(select place, ${memberOf('aliases')} as alias, ${memberOf('numbers')} as number from ${PLACES})`

const DELETE_UNTOUCHED = `delete from :"schema".numbers where ${IN_NUMBERS} and ${IS_UNTOUCHED}`

const DELETE_NUMBERS = `
  delete from :"schema".numbers using ${LOADED} as loaded
  where numbers.number = loaded.number and ${IS_AS_LOADED}`

const FIND_CHANGES = `
  with loaded as ${LOADED}, changed as (
    select place, loaded.number,
      case when load = :id then 'changed' else 'gone' end as reason,
      case when load = :id then ${differingFromValues({ alias: 'numbers.alias is not distinct from loaded.alias' })} else '{}' end as differs
    from loaded left join :"schema".numbers on numbers.number = loaded.number
    where ${IS_AS_LOADED} is not true
  ), run as (
    select *, place - row_number() over (partition by reason, differs order by place) as run from changed
  )
  select min(number) as first, max(number) as last, count(*)::integer as count, reason, to_jsonb(differs) as differs
  from run
  group by reason, differs, run
  order by first
  limit ${MAX_LISTED_CHANGES}`

/** Deletes the numbers that are as the load added them, and returns how many they were. */
export async function deleteNumbers (query: Query, load: LoadRecord, ranges: LoadedRanges): Promise<number | null> {
  const values = valuesOf(load, ranges)
  if (strategyFor(load.count) === 'scan') {
    // Nearly always nothing has touched the numbers. The whole range is read, for which a bitmap is faster than a walk along
    // the index.
    await query('savepoint before_scan; set local enable_bitmapscan = on')
    const { rowCount } = await query(DELETE_UNTOUCHED, values)
    if (rowCount === load.count) return rowCount
    await query('rollback to before_scan')
  }
  return (await query(DELETE_NUMBERS, values)).rowCount
}

/** Returns the first hundred runs of numbers that are not as the load added them. */
export async function findChanges (query: Query, load: LoadRecord, ranges: LoadedRanges): Promise<ChangedNumbers[]> {
  return (await query<ChangedNumbers>(FIND_CHANGES, valuesOf(load, ranges))).rows
}

function valuesOf (load: LoadRecord, { numbers, aliases }: LoadedRanges) {
  const { id, class: numberClass, ingroup, customer, region, stype } = load
  return {
    id, class: numberClass, ingroup, customer, region, stype,
    ...rangeValues('numbers', numbers), ...rangeValues('aliases', aliases)
  }
}
