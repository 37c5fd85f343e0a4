import { memberOf, placeOf } from './range-sql.js'

/** Count of members that are looked up together. With more, a single longer value would cause more look-ups. */
const MEMBERS_PER_BLOCK = 250

/**
 * SQL for the rows that have a member of the range in `column`, in the order of the members, for use after FROM. A range and its
 * table have the same name, and the rows have the columns `selected`.
 *
 * Values of one width sort as numbers do under the collation "C", so a range is one section of the index, but with longer values
 * in between: all of a large table may be between 100 and 999. So the section is walked in blocks. Each begins with the member
 * that the next value in the index is, or begins with; the members of a block are looked up individually. Values between two
 * members are never read, and where no value exists, no member is looked up.
 */
export function walkedRange (column: 'number' | 'alias', selected: string = column): string {
  const name = column === 'number' ? 'numbers' : 'aliases'
  const [first, last, count] = [`:${name}_first::text`, `:${name}_last::text`, `:${name}_count::integer`]
  // The bounds let the planner skip other partitions.
  const isBetween = `${column} >= ${first} and ${column} <= ${last}`
  const blockFrom = (place: string): string => `
      select case when member ~ '^[+]?[0-9]+$' then ${placeOf('member', first)} else ${place} end as place
      from (
        select rpad(left(${column}, octet_length(${first})), octet_length(${first}), '0') as member
        from :"schema".${name} where ${isBetween} and ${column} >= ${memberOf(name, place)} order by ${column} limit 1
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
      select ${memberOf(name)} from generate_series(block.place, least(block.place + ${MEMBERS_PER_BLOCK}, ${count}) - 1) as place))
    -- The planner must not read the whole section first, and then search the blocks for each of its values.
    offset 0
  ) as ${name}`
}
