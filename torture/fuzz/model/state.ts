/** Consecutive digit strings of one width after a sign, from `first` to `last`. */
export interface NumberRange {
  readonly sign: '' | '+'
  readonly width: number
  readonly first: bigint
  readonly last: bigint
}

export interface Charge {
  readonly customer: number
  /** In cents. */
  readonly unitPrice: bigint
}

/** A load that one call has stored. */
export interface ModelLoad {
  readonly person: string
  readonly numbers: NumberRange
  readonly aliases: NumberRange | null
  readonly class: number
  readonly ingroup: number
  readonly customer: number | null
  readonly region: number | null
  readonly stype: string
  readonly chargeCustomer: boolean
  readonly charges: readonly Charge[]
}

/** All loads that the calls have stored so far, in their order. */
export type ModelState = readonly ModelLoad[]

/** Returns the range of `count` digit strings that begins with `text`, or `undefined` if it would need another digit. */
export function rangeFrom (text: string, count: bigint): NumberRange | undefined {
  const sign = text.startsWith('+') ? '+' : ''
  const digits = text.slice(sign.length)
  const first = BigInt(digits)
  const last = first + count - 1n
  return last.toString().length > digits.length ? undefined : { sign, width: digits.length, first, last }
}

export function countOf ({ first, last }: NumberRange): number {
  return Number(last - first + 1n)
}

export function memberAt ({ sign, width, first }: NumberRange, offset: number): string {
  return sign + (first + BigInt(offset)).toString().padStart(width, '0')
}

/** Returns the count and the first of the members that other ranges of the same kind contain, or `undefined`. */
export function overlapOf (
  range: NumberRange, others: ReadonlyArray<NumberRange | null>
): { count: bigint, first: string } | undefined {
  let count = 0n
  let lowest: bigint | undefined
  for (const other of others) {
    if (other === null || other.sign !== range.sign || other.width !== range.width) continue
    const first = other.first > range.first ? other.first : range.first
    const last = other.last < range.last ? other.last : range.last
    if (last < first) continue
    count += last - first + 1n
    if (lowest === undefined || first < lowest) lowest = first
  }
  return lowest === undefined ? undefined : { count, first: memberAt({ ...range, first: lowest }, 0) }
}
