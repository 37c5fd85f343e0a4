/** Consecutive digit strings of one width behind a sign, from `first` to `last`. */
export interface Run {
  readonly sign: '' | '+'
  readonly width: number
  readonly first: bigint
  readonly last: bigint
}

export interface Charge {
  readonly customer: number
  /** Cents. */
  readonly unitPrice: bigint
}

/** What one call stored. */
export interface ModelLoad {
  readonly person: string
  readonly numbers: Run
  readonly aliases: Run | null
  readonly class: number
  readonly ingroup: number
  readonly customer: number | null
  readonly region: number | null
  readonly stype: string
  readonly chargeCustomer: boolean
  readonly charges: readonly Charge[]
}

/** All that the calls so far have stored, in their order. */
export type World = readonly ModelLoad[]

/** The run of `count` digit strings that begins with `text`, or `undefined` where another digit would be needed. */
export function runFrom (text: string, count: bigint): Run | undefined {
  const sign = text.startsWith('+') ? '+' : ''
  const digits = text.slice(sign.length)
  const first = BigInt(digits)
  const last = first + count - 1n
  return last.toString().length > digits.length ? undefined : { sign, width: digits.length, first, last }
}

export function lengthOf ({ first, last }: Run): number {
  return Number(last - first + 1n)
}

export function memberOf ({ sign, width, first }: Run, place: number): string {
  return sign + (first + BigInt(place)).toString().padStart(width, '0')
}

/** The members of a run that others of its kind contain already. */
export function overlapOf (run: Run, others: ReadonlyArray<Run | null>): { count: bigint, first: string } | undefined {
  let count = 0n
  let lowest: bigint | undefined
  for (const other of others) {
    if (other === null || other.sign !== run.sign || other.width !== run.width) continue
    const first = other.first > run.first ? other.first : run.first
    const last = other.last < run.last ? other.last : run.last
    if (last < first) continue
    count += last - first + 1n
    if (lowest === undefined || first < lowest) lowest = first
  }
  return lowest === undefined ? undefined : { count, first: memberOf({ ...run, first: lowest }, 0) }
}
