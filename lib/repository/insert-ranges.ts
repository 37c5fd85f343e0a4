import type { Query } from '../database/database.js'
import type { Values } from '../database/statement.js'
import type { NumberRange } from '../numbers/number-range.js'
import { ATTRIBUTE_NAMES, ATTRIBUTES, LOAD_COLUMNS, LOAD_VALUES, referencesHold } from './columns.js'
import type { Actor } from './insert-load.js'
import { BOUND_RANGES, conflictsOf, rangeRows, type AttributedRange } from './range-rows.js'
import { memberAfter } from './range-sql.js'
import { throwIfOvertaken } from './records.js'

/** Count of ranges between whose ends one look-up searches for existing numbers or aliases. */
const MEMBERS_PER_BLOCK = 250

/**
 * SQL for whether any number, or alias, exists between the ends of any block. If none does, none of the ranges needs a look-up of
 * its own.
 */
const isOccupied = (column: 'number' | 'alias', table: 'numbers' | 'aliases'): string => `exists (
        select from unnest(:${table}_from::text[], :${table}_to::text[]) as block (first, last)
        where (select ${column} from :"schema".${table} where ${column} >= block.first and ${column} <= block.last limit 1) is not null)`

// Unnested in the select list, because PostgreSQL would store the result of a function in FROM before it reads the first row.
const UNNESTED = `
        select unnest(:firsts::text[]) as first, unnest(:counts::integer[]) as count, unnest(:aliases::text[]) as alias,
          unnest(:places::integer[]) as place`

// Numbers are inserted in the same order by all loads, so that two loads with the same numbers cannot deadlock.
const SORTED = `select * from (${UNNESTED}) as unsorted order by octet_length(first), first collate "C"`

// Like the statement of one range, it writes nothing unless every reference holds and neither a number nor an alias exists.
const insertStatement = (areInOrder: boolean, areSingle: boolean): string => `
  with ${BOUND_RANGES}, load as (
    insert into :"schema".loads (${LOAD_COLUMNS}, transaction_at, ranges)
    select ${LOAD_VALUES}, now(), :ranges::integer
    where not exists (select from attributes where not (${referencesHold(attribute => `attributes.${attribute}`)}))
      and (not ${isOccupied('number', 'numbers')} or not exists (${conflictsOf('number')}))
      and (not ${isOccupied('alias', 'aliases')} or not exists (${conflictsOf('alias')}))
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
      select *, ${areSingle ? '0' : 'generate_series(0, count - 1)'} as step from (${areInOrder ? UNNESTED : SORTED}) as ranges
    ) as ranges join attributes using (place)
    where exists (select from load)
  )
  select id from load`

/** Ranges, sorted by their numbers and by their aliases: the shortest first, then as text. */
export interface RangesInOrder {
  readonly numbers: readonly AttributedRange[]
  /** The ranges that have aliases. */
  readonly aliases: ReadonlyArray<AttributedRange & { readonly aliases: NumberRange }>
}

/** The content of a load of several ranges. */
export interface RangesInput {
  readonly ranges: readonly AttributedRange[]
  /** Its `numbers` are the same array as `ranges`, if these are sorted. */
  readonly inOrder: RangesInOrder
  readonly isCharged: boolean
}

/** As {@link insertLoad}, for several ranges. */
export async function insertRanges (
  query: Query, { ranges, inOrder, isCharged }: RangesInput, { person, source, requestId }: Actor
): Promise<string | undefined> {
  const values = rangeRows(ranges)
  const { rows: [row] } = await query<{ id: string }>(insertStatement(ranges === inOrder.numbers, values.counts === null), {
    ...values,
    ...commonAttributes(ranges),
    ...blocksOf('numbers', inOrder.numbers.map(({ numbers }) => numbers)),
    ...blocksOf('aliases', inOrder.aliases.map(({ aliases }) => aliases)),
    person,
    source,
    request_id: requestId,
    charge_customer: isCharged,
    start: ranges[0]?.numbers.first,
    end: ranges.at(-1)?.numbers.last,
    count: ranges.reduce((count, { numbers }) => count + numbers.count, 0),
    alias: null,
    ranges: ranges.length
  })
  if (row !== undefined) await throwIfOvertaken(query, row.id)
  return row?.id
}

/** Returns the attributes that all ranges share; the others are NULL. */
function commonAttributes (ranges: readonly AttributedRange[]): Values {
  const [first] = ranges
  return Object.fromEntries(ATTRIBUTE_NAMES.map(name => {
    const value = first?.attributes[name]
    return [name, value !== 0 && ranges.every(({ attributes }) => attributes[name] === value) ? value : null]
  }))
}

/** Returns the first and the last member of each block of sorted ranges. The members of a block have one length. */
function blocksOf (name: keyof RangesInOrder, ranges: readonly NumberRange[]): Values {
  const [from, to]: [string[], string[]] = [[], []]
  let size = 0
  for (const { first, last } of ranges) {
    if (size % MEMBERS_PER_BLOCK === 0 || from.at(-1)?.length !== first.length) {
      size = 0
      from.push(first)
      to.push(last)
    } else {
      to[to.length - 1] = last
    }
    size++
  }
  return { [`${name}_from`]: from, [`${name}_to`]: to }
}
