import type { Values } from '../database/statement.js'
import type { NumberRange } from '../numbers/number-range.js'
import type { CreateRequest } from '../parameters/create.js'
import type { Attribute } from './columns.js'
import { MEMBERS_PER_BLOCK } from './blocks.js'
import { memberAfter } from './range-sql.js'
import { rangeOfRow, walkedRange } from './walked-range.js'

/** The attributes that all numbers of a range share. */
export type RangeAttributes = Pick<CreateRequest, Attribute>

/** One of several ranges of a load. Ranges with equal attributes share one object. */
export interface AttributedRange {
  readonly numbers: NumberRange
  readonly aliases: NumberRange | undefined
  readonly attributes: RangeAttributes
}

/**
 * SQL for the ranges of the values, as common table expressions: `attributes`, each once, by their `place`, and `ranges`, by
 * their `position`. Both count from 1.
 */
export const BOUND_RANGES = `
  attributes as materialized (
    select * from unnest(:classes::integer[], :ingroups::integer[], :customers::integer[], :regions::integer[], :stypes::text[])
      with ordinality as attributes (class, ingroup, customer, region, stype, place)
  ), ranges as materialized (
    select first, coalesce(last, first) as last, coalesce(count, 1) as count, alias, coalesce(last_alias, alias) as last_alias, place, position
    from unnest(:firsts::text[], :lasts::text[], :counts::integer[], :aliases::text[], :last_aliases::text[], :places::integer[])
      with ordinality as ranges (first, last, count, alias, last_alias, place, position)
  )`

/** The setting of a transaction that inserts many ranges: otherwise PostgreSQL would write them to disk, and sort them there. */
export const RANGES_IN_MEMORY = 'set local work_mem = \'64MB\''

/** SQL for the places of all numbers of the ranges, in the order of the ranges; much faster than a join with generate_series. */
const STEPS = 'select position, first, alias, generate_series(0, count - 1) as step from ranges'

/** SQL for the numbers or aliases of the ranges that exist. A walk of its own costs more than a few look-ups. */
export function conflictsOf (column: 'number' | 'alias'): string {
  const [table, first, last] = column === 'number' ? ['numbers', 'first', 'last'] : ['aliases', 'alias', 'last_alias']
  // With the offset, the planner cannot read the whole table for each member, not even if it thinks that the table is empty.
  const existing = (member: string): string => `cross join lateral (select ${column} from :"schema".${table} where ${column} = ${member} offset 0) as existing`
  return `
    select position, existing.${column} as value
    from ranges ${existing(`ranges.${first}`)}
    where count = 1
    union all
    select position, existing.${column}
    from (${STEPS} where count between 2 and ${MEMBERS_PER_BLOCK} and ${first} is not null) as ranges
      ${existing(memberAfter(`ranges.${first}`, 'step'))}
    union all
    select position, existing.${column}
    from ranges cross join lateral (
      select ${column} from ${walkedRange(column, column, rangeOfRow(`ranges.${first}`, `ranges.${last}`, 'ranges.count'))}
    ) as existing
    where count > ${MEMBERS_PER_BLOCK} and ranges.${first} is not null`
}

/**
 * Returns the values of {@link BOUND_RANGES}. Redundant values are NULL, so that PostgreSQL need not read and store them: the
 * last number of a range of one, all last numbers and counts if all ranges have one number, and all aliases if there are none.
 */
export function rangeRows (ranges: readonly AttributedRange[]): Values {
  const areSingle = ranges.every(({ numbers }) => numbers.count === 1)
  const haveAliases = ranges.some(({ aliases }) => aliases !== undefined)
  const known = new Map<RangeAttributes, number>()
  const places = ranges.map(({ attributes }) => {
    const place = known.get(attributes) ?? known.size + 1
    known.set(attributes, place)
    return place
  })
  const attributes = [...known.keys()]
  return {
    classes: arrayOf(attributes, ({ class: numberClass }) => numberClass),
    ingroups: arrayOf(attributes, ({ ingroup }) => ingroup),
    customers: arrayOf(attributes, ({ customer }) => customer || 'null'),
    regions: arrayOf(attributes, ({ region }) => region || 'null'),
    stypes: arrayOf(attributes, ({ stype }) => stype),
    firsts: arrayOf(ranges, ({ numbers }) => numbers.first),
    lasts: areSingle ? null : arrayOf(ranges, ({ numbers }) => numbers.count === 1 ? 'null' : numbers.last),
    counts: areSingle ? null : arrayOf(ranges, ({ numbers }) => numbers.count),
    aliases: haveAliases ? arrayOf(ranges, ({ aliases }) => aliases?.first ?? 'null') : null,
    last_aliases: haveAliases && !areSingle ? arrayOf(ranges, ({ aliases, numbers }) => numbers.count === 1 ? 'null' : aliases?.last ?? 'null') : null,
    places: arrayOf(places, place => place)
  }
}

// Not by the driver, which would search each of a million texts for characters to quote: these need none.
function arrayOf<Item> (items: readonly Item[], elementOf: (item: Item) => string | number): string {
  return `{${items.map(elementOf).join()}}`
}
