/** Maximum count of numbers in one call (specification: "Ranges are limited to one million numbers"). */
export const MAX_RANGE = 1_000_000

/** Maximum count of digits of a number or alias. */
const MAX_DIGITS = 32

/**
 * Consecutive digit strings of one width, from `first` to `last`, both included: telephone numbers, or aliases, each of
 * which may begin with a plus sign.
 */
export interface NumberRange {
  readonly first: string
  readonly last: string
  readonly count: number
}

/** The reason why two numbers are not the ends of a range. */
export interface RangeIssue {
  readonly issue: string
}

/**
 * Returns the range between two strings of 1 to 32 digits; an empty `last` means the one number `first`
 * (specification: "end"; contract: as many digits, not below the first number, at most `maximum` numbers). The issue calls
 * the first number by the `name` of its parameter.
 */
export function rangeBetween (first: string, last: string, maximum: number, name = 'start'): NumberRange | RangeIssue {
  if (last === '') return { first, last: first, count: 1 }
  if (last.length !== first.length) {
    return { issue: `end must have as many digits as ${name}: ${name} has ${first.length}, end has ${last.length}` }
  }
  const count = BigInt(last) - BigInt(first) + 1n
  if (count < 1n) return { issue: `end must not be below ${name}` }
  if (count > BigInt(maximum)) {
    return { issue: `the range has ${count} numbers, but at most ${maximum} are allowed: choose an end nearer to ${name}` }
  }
  return { first, last, count: Number(count) }
}

/** Returns the range of `count` numbers that begins with `first`, or `undefined` if it would need another digit. */
export function rangeFrom (first: string, count: number): NumberRange | undefined {
  const { sign, digits } = splitSign(first)
  const last = digitsAfter(digits, count - 1)
  return last === undefined ? undefined : { first, last: sign + last, count }
}

/** Returns `first` with enough leading zeros for `count` numbers, or `undefined` if it would be too long. */
export function widened (first: string, count: number): string | undefined {
  const { sign, digits } = splitSign(first)
  const { length } = (BigInt(digits) + BigInt(count - 1)).toString()
  return length > MAX_DIGITS ? undefined : sign + digits.padStart(length, '0')
}

/** Returns ranges in words. */
export function describeRanges (ranges: ReadonlyArray<Pick<NumberRange, 'first' | 'last'>>): string {
  return ranges.map(({ first, last }) => first === last ? first : `${first} to ${last}`).join(', ')
}

/** Returns a count of numbers in words. */
export function describeCount (count: number): string {
  return `${count} ${count === 1 ? 'number' : 'numbers'}`
}

/** Returns the optional plus sign of an alias, and its digits. */
export function splitSign (alias: string): { readonly sign: '' | '+', readonly digits: string } {
  return alias.startsWith('+') ? { sign: '+', digits: alias.slice(1) } : { sign: '', digits: alias }
}

/**
 * Returns the digit string that is `offset` after `first`, with the same width and leading zeros, or `undefined` if it would need
 * another digit.
 */
export function digitsAfter (first: string, offset: number): string | undefined {
  const digits = (BigInt(first) + BigInt(offset)).toString().padStart(first.length, '0')
  return digits.length === first.length ? digits : undefined
}

/** Returns the lowest possible start of a range that contains a number. */
export function lowestStart (number: string): string {
  const lowest = BigInt(number) - BigInt(MAX_RANGE - 1)
  return (lowest < 0n ? 0n : lowest).toString().padStart(number.length, '0')
}

/** Returns the distance from a digit string, or alias, to another one of the same width. */
export function distance (from: string, to: string): number {
  return Number(BigInt(splitSign(to).digits) - BigInt(splitSign(from).digits))
}

/** Compares digit strings by their length, and then by their digits. */
export function compareNumbers (left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length
  return left < right ? -1 : Number(left > right)
}
