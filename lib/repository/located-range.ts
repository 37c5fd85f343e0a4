import type { Query } from '../database/database.js'
import type { Values } from '../database/statement.js'
import { memberOf, PLACES } from './range-sql.js'

/** The shortest range whose numbers are looked for where they were written. */
export const MIN_LOCATED = 1_000

/** A range with more pages than this for each of its numbers is not searched in the table. */
const MAX_PAGES_PER_NUMBER = 0.1

/** SQL for whether a row of `numbers` is between the ends of a range in the table, as {@link findEnds} returns them. */
export const IS_BETWEEN_ENDS = 'numbers.ctid >= :low::tid and numbers.ctid <= :high::tid'

// POSIX sorts as the index does, which has the collation "C", but is not its collation. Otherwise the planner could read all
// longer numbers in the index instead of the table.
/** The same, for whether the row is in the range. */
export const IS_LOCATED = `${IS_BETWEEN_ENDS}
    and number collate "POSIX" >= :numbers_first::text and number collate "POSIX" <= :numbers_last::text
    and octet_length(number) = octet_length(:numbers_first::text)`

/** SQL for whether a row of `numbers` is in the range, wherever it is in the table: the members are looked up in the index. */
export const IS_MEMBER = `number >= :numbers_first::text and number <= :numbers_last::text
    and number = any (array(select ${memberOf('numbers')} from ${PLACES}))`

// Not for partitions: each has its own row positions (ctid), and a statement without bounds of numbers would lock the others.
const FIND_ENDS = `
  select low.ctid as low, high.ctid as high
  from :"schema".numbers as low join pg_class on pg_class.oid = low.tableoid and not relispartition, :"schema".numbers as high
  where low.number = :numbers_first::text and high.number = :numbers_last::text
    and (high.ctid::text::point)[0] - (low.ctid::text::point)[0] <= ${MAX_PAGES_PER_NUMBER} * :numbers_count::integer`

/**
 * Returns the places of the first and the last number of a range in the table, if its other numbers can be between them. Nearly
 * always all are there, one after the other, because one statement wrote them. There they are found without the index, in which
 * any number of longer ones may be between them; a count shows whether they were all.
 */
export async function findEnds (query: Query, values: Values): Promise<Values | undefined> {
  if (Number(values.numbers_count) < MIN_LOCATED) return undefined
  return (await query<Values>(FIND_ENDS, values)).rows[0]
}
