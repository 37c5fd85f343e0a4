import type { Values } from '../database/statement.js'
import { digitsAfter, MAX_RANGE, splitSign, type NumberRange } from '../numbers/number-range.js'

/** How many trailing digits PostgreSQL counts in a bigint; the digits before them are kept as text. */
const COUNTED_DIGITS = 18

/** The planner setting of transactions that search `numbers`. */
export const WALK_INDEXES = `
  -- After a large load the table has no statistics yet, and the planner would read a whole range into a bitmap to find
  -- its first row; the ordered index scan that is left stops there.
  set local enable_bitmapscan = off;
  set local enable_seqscan = off`

/** The ranges of a load; the names of their values in SQL begin with these. */
export type RangeName = 'numbers' | 'aliases'

/**
 * Returns the values of a range in a form that one `generate_series` can count: the last `digits` digits count up from
 * `base`; `head` precedes them until they overflow at `limit`, `carried_head` after. All are NULL without a range.
 */
export function rangeValues (name: RangeName, range: NumberRange | undefined): Values {
  return Object.fromEntries(Object.entries(countable(range)).map(([key, value]) => [`${name}_${key}`, value]))
}

function countable (range: NumberRange | undefined): Values {
  if (range === undefined) {
    return { first: null, last: null, count: null, head: null, carried_head: null, base: null, digits: null, limit: null }
  }
  const { first, last, count } = range
  const { sign, digits: all } = splitSign(first)
  const digits = Math.min(all.length, COUNTED_DIGITS)
  const head = all.slice(0, -digits)
  return {
    first,
    last,
    count,
    head: sign + head,
    carried_head: sign + (digitsAfter(head, 1) ?? head),
    base: BigInt(all.slice(-digits)),
    digits,
    limit: 10n ** BigInt(digits)
  }
}

/** SQL for whether the members of a range are bigints as they are written: no head, and no leading zero. */
function isOfBigints (name: RangeName): string {
  return `:${name}_head::text = '' and :${name}_base::bigint >= :${name}_limit::bigint / 10`
}

/**
 * SQL for the member of a range at `place`, counted from 0; NULL without a range. It is the SQL counterpart of `digitsAfter`.
 *
 * The planner knows the values, so only one branch of the CASE remains. Members that are bigints as written save a tenth of a
 * load's time, because their digits need not be cut to their width.
 */
export function memberOf (name: RangeName, place = 'place'): string {
  const [head, carriedHead, base, digits, limit] = [
    `:${name}_head::text`, `:${name}_carried_head::text`, `:${name}_base::bigint`, `:${name}_digits::integer`, `:${name}_limit::bigint`
  ]
  const lastDigits = `right((${limit} + ${base} + ${place})::text, ${digits})`
  return `case
      when ${isOfBigints(name)} then (${base} + ${place})::text
      when ${base} <= ${limit} - ${MAX_RANGE} then ${head} || ${lastDigits}
      when ${place} < ${limit} - ${base} then ${head} || ${lastDigits}
      else ${carriedHead} || ${lastDigits} end`
}

// Counted in a sub-select, because a series in FROM would be stored before its first row is read.
/** SQL for the places of a range, as a row source. */
export const PLACES = '(select generate_series(0, :numbers_count::integer - 1) as place) as places'

/**
 * SQL for the number, or alias, that is `place` after the one in a column, at its width: for ranges that are rows. It is
 * slower than {@link memberOf}, whose values the planner knows. With a leading 1, a sum keeps the zeros of 18 digits.
 */
export function memberAfter (column: string, place: string): string {
  const digits = `ltrim(${column}, '+')`
  const width = `octet_length(${digits})`
  const sum = `case when ${width} <= ${COUNTED_DIGITS} then right((1${'0'.repeat(COUNTED_DIGITS)} + ${digits}::bigint + ${place})::text, ${width})
        else lpad((${digits}::numeric + ${place})::text, ${width}, '0') end`
  return `case when ${place} = 0 or ${column} is null then ${column}
      else left(${column}, octet_length(${column}) - ${width}) || ${sum} end`
}

/** SQL for whether a row of `numbers` is in the range of numbers. */
export const IN_NUMBERS = `(number >= :numbers_first::text and number <= :numbers_last::text
      and octet_length(number) = octet_length(:numbers_first::text))`

/** SQL for whether a row of `numbers` has a number. A host may have stored other texts, which belong to no range. */
export const IS_NUMBER = `ltrim(number, '0123456789') = ''`

/** SQL for the digit string, or alias, that is `offset` after that of a column, at its width; NULL for NULL. */
export function countedOn (column: string, offset: string): string {
  const digits = `ltrim(${column}, '+')`
  return `left(${column}, octet_length(${column}) - octet_length(${digits}))
      || lpad((${digits}::numeric + ${offset})::text, octet_length(${digits}), '0')`
}

/**
 * SQL for the place of a number in a range. The last seven digits determine it, because a range has at most a million numbers.
 */
export function placeOf (number: string, first: string): string {
  return `(right(${number}, 7)::integer - right(${first}, 7)::integer + 10000000) % 10000000`
}
