import type { Series } from '../loads/plan.js'
import { MAX_RANGE } from '../numbers/number-range.js'

/** How many parameters of a statement a sequence takes. */
export const SEQUENCE_PARAMETERS = 5

/** SQL for whether the members of a sequence are bigints as they are written: without a head, and not beginning with a zero. */
export function isOfBigints (first: number): string {
  return `$${first}::text = '' and $${first + 2}::bigint >= $${first + 4}::bigint / 10`
}

/**
 * SQL for the member at the place that the SQL `place` says, of a sequence whose parameters begin at `$first`;
 * NULL where they are NULL. Says in SQL what `digitsAfter` says of digit strings.
 *
 * The planner knows the parameters, so of the CASE one branch is left. Of a load's time, a tenth is saved where the
 * members are bigints as they are written, as their digits need not be cut to their width.
 */
export function memberOf (first: number, place = 'place'): string {
  const head = `$${first}::text`
  const carriedHead = `$${first + 1}::text`
  const base = `$${first + 2}::bigint`
  const digits = `$${first + 3}::integer`
  const limit = `$${first + 4}::bigint`
  const lastDigits = `right((${limit} + ${base} + ${place})::text, ${digits})`
  return `case
      when ${isOfBigints(first)} then (${base} + ${place})::text
      when ${base} <= ${limit} - ${MAX_RANGE} then ${head} || ${lastDigits}
      when ${place} < ${limit} - ${base} then ${head} || ${lastDigits}
      else ${carriedHead} || ${lastDigits} end`
}

/** Where a statement has the parameters of a series: its first and last member, its count, and its sequence. */
export interface SeriesParameters {
  readonly first: number
  readonly last: number
  readonly count: number
  readonly sequence: number
}

/** The longest series whose members are looked up one by one. */
const PROBED = 10_000

/** How the rows of a series are found. */
export type LookupStrategy = 'probe' | 'scan'

/**
 * The better search for a series of this length. Values of one width sort as numbers do under the collation "C", so
 * the index holds a series as a range, in which longer values stand as well: all of a big table may stand between
 * 100 and 999. A short series is looked up member by member instead.
 */
export function searchFor (count: number): LookupStrategy {
  return count <= PROBED ? 'probe' : 'scan'
}

/** SQL for the rows of `numbers` whose `column` is a member of a series, as what follows FROM. */
export function rowsInSeries (column: 'number' | 'alias', search: LookupStrategy, { first, last, count, sequence }: SeriesParameters): string {
  return search === 'probe'
    ? `(
        select ${memberOf(sequence)} as member from (select generate_series(0, $${count}::integer - 1) as place) as series
      ) as probed join :"schema".numbers on ${column} = member`
    : `:"schema".numbers
      where ${column} >= $${first} and ${column} <= $${last} and octet_length(${column}) = octet_length($${first})`
}

/** The parameters for {@link memberOf}. */
export function sequenceParameters (series: Series | undefined): unknown[] {
  if (series === undefined) return new Array<null>(SEQUENCE_PARAMETERS).fill(null)
  const { head, carriedHead, base, digits } = series.sequence
  return [head, carriedHead, base, digits, 10n ** BigInt(digits)]
}
