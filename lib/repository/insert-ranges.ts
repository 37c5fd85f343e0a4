import type { Query } from '../database/database.js'
import type { Values } from '../database/statement.js'
import { ATTRIBUTE_NAMES, ATTRIBUTES, LOAD_COLUMNS, LOAD_VALUES, referencesHold } from './columns.js'
import type { Actor } from './insert-load.js'
import { isOvertaken, type InsertedLoad } from './loads.js'
import { BOUND_RANGES, conflictsOf, RANGES, rangeRows, type AttributedRange } from './range-rows.js'
import { memberAfter } from './range-sql.js'

// Like the statement of one range, it writes nothing unless every reference holds and neither a number nor an alias exists.
const insertStatement = (ranges: string): string => `
  with ${BOUND_RANGES}, load as (
    insert into :"schema".loads (${LOAD_COLUMNS}, ranges)
    select ${LOAD_VALUES}, :ranges::integer
    where not exists (select from attributes where not (${referencesHold(attribute => `attributes.${attribute}`)}))
      and not exists (${conflictsOf('number')})
      and not exists (${conflictsOf('alias')})
    returning id
  ), recorded as (
    insert into :"schema".load_range_arrays
      (load, firsts, lasts, counts, aliases, places, classes, ingroups, customers, regions, stypes)
    select id, :firsts, :lasts, :counts, :aliases, :places, :classes, :ingroups, :customers, :regions, :stypes
    from load
  ), inserted as (
    insert into :"schema".numbers (number, alias, ${ATTRIBUTES}, load)
    select ${memberAfter('first', 'step')}, ${memberAfter('alias', 'step')}, ${ATTRIBUTES}, (select id from load)
    from (
      select *, generate_series(0, count - 1) as step from ${ranges}
    ) as ranges
    where exists (select from load)
  )
  select id from load`

// Numbers are inserted in the same order by all loads, so that two loads with the same numbers cannot deadlock.
const INSERT_IN_ORDER = insertStatement(RANGES)
const SORT_AND_INSERT = insertStatement(`(select * from ${RANGES} order by octet_length(first), first collate "C") as ranges`)

/** The content of a load of several ranges. */
export interface RangesInput {
  readonly ranges: readonly AttributedRange[]
  /** Whether the ranges are sorted by their numbers, the shortest first. */
  readonly areInOrder: boolean
  readonly isCharged: boolean
}

/** Inserts several ranges as one load, with its record; returns `undefined`, having written nothing, if a check fails. */
export async function insertRanges (
  query: Query, { ranges, areInOrder, isCharged }: RangesInput, { person, source, requestId }: Actor
): Promise<InsertedLoad | undefined> {
  const bounds = { start: ranges[0]?.numbers.first, end: ranges.at(-1)?.numbers.last }
  const { rows: [row] } = await query<{ id: string }>(areInOrder ? INSERT_IN_ORDER : SORT_AND_INSERT, {
    ...rangeRows(ranges),
    ...commonAttributes(ranges),
    person,
    source,
    request_id: requestId,
    charge_customer: isCharged,
    ...bounds,
    count: ranges.reduce((count, { numbers }) => count + numbers.count, 0),
    alias: null,
    ranges: ranges.length
  })
  return row && { id: row.id, isOvertaken: await isOvertaken(query, row.id, bounds) }
}

/** Returns the attributes that all ranges share; the others are NULL. */
function commonAttributes (ranges: readonly AttributedRange[]): Values {
  const [first] = ranges
  return Object.fromEntries(ATTRIBUTE_NAMES.map(name => {
    const value = first?.attributes[name]
    return [name, value !== 0 && ranges.every(({ attributes }) => attributes[name] === value) ? value : null]
  }))
}
