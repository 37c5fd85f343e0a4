/** How many trailing digits PostgreSQL counts in a bigint; the digits before them are carried along as text. */
const COUNTED_DIGITS = 18

/**
 * A run of consecutive digit strings of one width, in the form in which one `generate_series` can count it:
 * the last `digits` digits count up from `base`; `head` stands before them until they overflow, `carriedHead` after.
 */
export interface Sequence {
  readonly head: string
  readonly carriedHead: string
  readonly base: bigint
  readonly digits: number
}

/**
 * The digit string `offset` places after `first`, at the same width with its leading zeros,
 * or `undefined` where it would need another digit.
 */
export function digitsAfter (first: string, offset: number): string | undefined {
  const digits = (BigInt(first) + BigInt(offset)).toString().padStart(first.length, '0')
  return digits.length === first.length ? digits : undefined
}

/**
 * The sequence that starts at `first`. The caller has made sure, with {@link digitsAfter},
 * that its last member keeps the width; `sign` is put before every member.
 */
export function sequenceFrom (first: string, sign = ''): Sequence {
  const digits = Math.min(first.length, COUNTED_DIGITS)
  const head = first.slice(0, -digits)
  return {
    head: sign + head,
    carriedHead: sign + (digitsAfter(head, 1) ?? head),
    base: BigInt(first.slice(-digits)),
    digits
  }
}
