import { MEMBERS_PER_BLOCK } from './blocks.js'
import { memberAfter, memberOf, placeOf } from './range-sql.js'

/** SQL for a range whose members are looked up. */
interface WalkedRange {
  readonly first: string
  readonly last: string
  readonly count: string
  readonly memberAt: (place: string) => string
}

/** The range of numbers or aliases that is a value. */
function rangeOfValues (column: 'number' | 'alias'): WalkedRange {
  const name = column === 'number' ? 'numbers' : 'aliases'
  return {
    first: `:${name}_first::text`,
    last: `:${name}_last::text`,
    count: `:${name}_count::integer`,
    memberAt: place => memberOf(name, place)
  }
}

/** A range of a row before it in the FROM clause. */
export function rangeOfRow (first: string, last: string, count: string): WalkedRange {
  return { first, last, count, memberAt: place => memberAfter(first, place) }
}

/**
 * SQL for the rows that have a member of the range in `column`, in the order of the members, for use after FROM. A range and its
 * table have the same name, and the rows have the columns `selected`.
 *
 * Values of one width sort as numbers do under the collation "C", so a range is one section of the index, but with longer values
 * in between: all of a large table may be between 100 and 999. So the section is walked in blocks. Each begins with the member
 * that the next value in the index is, or begins with; the members of a block are looked up individually. Values between two
 * members are never read, and where no value exists, no member is looked up.
 */
export function walkedRange (
  column: 'number' | 'alias', selected: string = column, { first, last, count, memberAt } = rangeOfValues(column)
): string {
  const name = column === 'number' ? 'numbers' : 'aliases'
  // The bounds let the planner skip other partitions.
  const isBetween = `${column} >= ${first} and ${column} <= ${last}`
  const blockFrom = (place: string): string => `
      select case when member ~ '^[+]?[0-9]+$' then ${placeOf('member', first)} else ${place} end as place
      from (
        select rpad(left(${column}, octet_length(${first})), octet_length(${first}), '0') as member
        from :"schema".${name} where ${isBetween} and ${column} >= ${memberAt(place)} order by ${column} limit 1
      ) as next`
  return `(
    with recursive block as (
      ${blockFrom('0')}
      union all
      select next.place
      from block cross join lateral (${blockFrom(`(block.place + ${MEMBERS_PER_BLOCK})`)}) as next
      where block.place + ${MEMBERS_PER_BLOCK} < ${count}
    )
    select place from block
  ) as block cross join lateral (
    select ${selected} from :"schema".${name}
    where ${isBetween} and ${column} = any (array(
      select ${memberAt('place')} from generate_series(block.place, least(block.place + ${MEMBERS_PER_BLOCK}, ${count}) - 1) as place))
    -- With the offset, the planner cannot read the whole section first, and then search the blocks for each of its values.
    order by ${column} offset 0
  ) as ${name}`
}
