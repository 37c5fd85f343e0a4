import { digitsAfter } from './sequence.js'

/** Most numbers of one call (specification: "Ranges are limited to one million numbers"). */
export const MAX_RANGE = 1_000_000

/** A range of telephone numbers: `count` digit strings of one width, from `start` to `end`, both included. */
export interface Range {
  readonly start: string
  readonly end: string
  readonly count: number
}

/** Why `end` does not close a range that begins at `start`. */
export interface RangeIssue {
  readonly problem: string
}

/**
 * The range between two strings of 1 to 32 digits; an empty `end` means the one number `start`
 * (specification: "end"; contract: same count of digits, not below `start`, at most `maximum` numbers).
 */
export function rangeBetween (start: string, end: string, maximum: number): Range | RangeIssue {
  if (end === '') return { start, end: start, count: 1 }
  if (end.length !== start.length) {
    return { problem: `end must have as many digits as start: start has ${start.length}, end has ${end.length}` }
  }
  const count = BigInt(end) - BigInt(start) + 1n
  if (count < 1n) return { problem: 'end must not be below start' }
  if (count > BigInt(maximum)) {
    return { problem: `the range holds ${count} numbers, at most ${maximum} are allowed: choose an end nearer to start` }
  }
  return { start, end, count: Number(count) }
}

/** An alias split into its optional plus sign and its digits. */
export interface Alias {
  readonly sign: '' | '+'
  readonly digits: string
}

export function parseAlias (alias: string): Alias {
  return alias.startsWith('+') ? { sign: '+', digits: alias.slice(1) } : { sign: '', digits: alias }
}

/** The last alias of a range of `count` numbers, or `undefined` where the aliases would outgrow their width. */
export function lastAlias ({ sign, digits }: Alias, count: number): string | undefined {
  const last = digitsAfter(digits, count - 1)
  return last === undefined ? undefined : sign + last
}
