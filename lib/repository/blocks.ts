import { memberAfter } from './range-sql.js'

/** Count of members that are looked up together. With more, a single longer value would cause more look-ups. */
export const MEMBERS_PER_BLOCK = 250

/** SQL for the blocks of a row that is a range: the place of the first member of each, as a row source. */
export function blocksOf (range: string): string {
  return `generate_series(0, ${range}.count - 1, ${MEMBERS_PER_BLOCK}) as block`
}

/**
 * SQL for whether a row of `numbers` is in a block of a range. The planner has one way to find such rows: it looks up the
 * members of the block in the index, however many longer numbers are between them.
 */
export function isInBlock (range: string): string {
  return `numbers.number = any (array(
      select ${memberAfter(`${range}.first`, 'step')}
      from generate_series(${range}.block, least(${range}.block + ${MEMBERS_PER_BLOCK}, ${range}.count) - 1) as step))`
}
