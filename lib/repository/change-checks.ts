import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import type { ChangeInput, NewValues } from './changes.js'
import { memberOf, placeOf, PLACES, rangeValues } from './range-sql.js'
import { walkedRange } from './walked-range.js'

/** Consecutive numbers that do not exist. */
export type MissingRun = Pick<NumberRange, 'first' | 'last'>

const MAX_LISTED_RUNS = 3

const FIND_MISSING = `
  with found as materialized (
    select ${placeOf('number', ':numbers_first::text')} as place from ${walkedRange('number')}
  )
  select min(member) as first, max(member) as last
  from (
    select ${memberOf('numbers')} as member, place - row_number() over (order by place) as run
    from ${PLACES}
    where not exists (select from found where found.place = places.place)
  ) as missing
  group by run
  order by first
  limit ${MAX_LISTED_RUNS + 1}`

const COUNT_NUMBERS = `select count(*)::integer as count from ${walkedRange('number')}`

const HELD = walkedRange('number', 'class, customer')

/** Returns how many numbers of a range exist. */
export async function countExisting (query: Query, numbers: NumberRange): Promise<number> {
  const { rows: [row] } = await query<{ count: number }>(COUNT_NUMBERS, rangeValues('numbers', numbers))
  return Number(row?.count)
}

/** Returns the first few runs of a range that do not exist, and whether there are more. */
export async function findMissing (
  query: Query, numbers: NumberRange
): Promise<{ readonly runs: readonly MissingRun[], readonly isCut: boolean }> {
  const { rows } = await query<MissingRun>(FIND_MISSING, rangeValues('numbers', numbers))
  return { runs: rows.slice(0, MAX_LISTED_RUNS), isCut: rows.length > MAX_LISTED_RUNS }
}

/**
 * Returns a class that a number would have after an update although it is reserved for another customer than the number's. The
 * numbers are those that the change `id` recorded, or, without it, those that exist.
 */
export async function findReservedClass (
  query: Query, { numbers, newValues }: Pick<ChangeInput, 'numbers' | 'newValues'>, id: string | undefined
): Promise<number | undefined> {
  const held = id === undefined ? HELD : ':"schema".changed_runs where change = :id::bigint'
  const valueOf = (column: 'class' | 'customer'): string => newValues[column] === undefined ? `held.${column}` : `:${column}::integer`
  const { rows: [row] } = await query<{ id: number }>(`
    select id
    from (select distinct class, customer from ${held}) as held join :"schema".classes on id = ${valueOf('class')}
    where classes.customer <> ${valueOf('customer')}
    limit 1`, { ...rangeValues('numbers', numbers), ...reservable(newValues), id })
  return row?.id
}

function reservable ({ class: numberClass, customer }: NewValues) {
  return { class: numberClass, customer }
}
