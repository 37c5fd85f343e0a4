/** Consecutive digit strings of one width after a sign, from `first` to `last`. */
export interface NumberRange {
  readonly sign: '' | '+'
  readonly width: number
  readonly first: bigint
  readonly last: bigint
}

const MAX_RANGE = 1_000_000n

/** Returns the range of `count` digit strings that begins with `text`, or `undefined` if it would need another digit. */
export function rangeFrom (text: string, count: bigint): NumberRange | undefined {
  const sign = text.startsWith('+') ? '+' : ''
  const digits = text.slice(sign.length)
  const first = BigInt(digits)
  const last = first + count - 1n
  return last.toString().length > digits.length ? undefined : { sign, width: digits.length, first, last }
}

/** Returns the range with these ends, or `undefined` if a call cannot have it. An empty `end` is the one number `start`. */
export function rangeBetween (start: string, end: string): NumberRange | undefined {
  if (end === '') return rangeFrom(start, 1n)
  const count = BigInt(end) - BigInt(start) + 1n
  if (end.length !== start.length || count < 1n || count > MAX_RANGE) return undefined
  return rangeFrom(start, count)
}

export function countOf ({ first, last }: NumberRange): number {
  return Number(last - first + 1n)
}

export function memberAt ({ sign, width, first }: NumberRange, offset: number): string {
  return sign + (first + BigInt(offset)).toString().padStart(width, '0')
}

/** Returns `count` members from an offset on. */
export function partOf (range: NumberRange, offset: bigint, count: number): NumberRange {
  const first = range.first + offset
  return { ...range, first, last: first + BigInt(count) - 1n }
}

/** Returns the members that two ranges of the same kind have in common, or `undefined`. */
export function intersectionOf (one: NumberRange, other: NumberRange): NumberRange | undefined {
  if (one.sign !== other.sign || one.width !== other.width) return undefined
  const first = other.first > one.first ? other.first : one.first
  const last = other.last < one.last ? other.last : one.last
  return last < first ? undefined : { ...one, first, last }
}

/** Returns the count and the first of the members that other ranges of the same kind contain, or `undefined`. */
export function overlapOf (
  range: NumberRange, others: ReadonlyArray<NumberRange | null>
): { count: bigint, first: string } | undefined {
  let count = 0n
  let lowest: NumberRange | undefined
  for (const other of others) {
    const common = other === null ? undefined : intersectionOf(range, other)
    if (common === undefined) continue
    count += common.last - common.first + 1n
    if (lowest === undefined || common.first < lowest.first) lowest = common
  }
  return lowest === undefined ? undefined : { count, first: memberAt(lowest, 0) }
}
