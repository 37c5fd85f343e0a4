import fc from 'fast-check'

/** The range of a call. `isOnlyChecked` is true if it is too large to be stored often. */
export interface RequestedRange {
  readonly first: string
  readonly last: string
  readonly count: number
  readonly isOnlyChecked: boolean
}

const width = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 7, max: 15 }) },
  { weight: 3, arbitrary: fc.constantFrom(17, 18, 19, 20, 31, 32) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 32 }) }
)

const count = fc.oneof(
  { weight: 1_400, arbitrary: fc.constant(1) },
  { weight: 500, arbitrary: fc.integer({ min: 2, max: 30 }) },
  { weight: 60, arbitrary: fc.integer({ min: 31, max: 300 }) },
  { weight: 5, arbitrary: fc.constantFrom(9_999, 10_000, 10_001) },
  { weight: 1, arbitrary: fc.constant(100_000) },
  { weight: 10, arbitrary: fc.constantFrom(999_999, 1_000_000, 1_000_001) }
)

/** The maximum of numbers that one call stores. */
const MAX_STORED_COUNT = 100_000

function firstNumber (width: number, count: number): fc.Arbitrary<bigint> {
  const limit = 10n ** BigInt(width)
  const random = fc.bigInt({ min: 0n, max: limit - 1n })
  // Around a carry out of the last eighteen digits, and around the greatest number of the width.
  const carries = [limit, 10n ** 18n, 10n ** BigInt(Math.ceil(width / 2))].filter(carry => carry <= limit)
  const edge = fc.tuple(fc.constantFrom(...carries), fc.integer({ min: -1, max: count + 2 }))
    .map(([carry, before]) => carry - BigInt(before))
  return fc.oneof({ weight: 8, arbitrary: random }, { weight: 2, arbitrary: edge }).map(first => (
    first < 0n ? 0n : first >= limit ? limit - 1n : first))
}

/** Ranges anywhere among the digit strings of any width. */
const sparse = fc.tuple(width, count).chain(([width, count]) => (
  firstNumber(width, count).map(first => rangeAt(width, first, count))))

/** Ranges among so few numbers that they conflict. */
const dense = fc.tuple(fc.constantFrom(6, 20), fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 12 }))
  .map(([width, first, count]) => rangeAt(width, BigInt(first), count))

/** Blocks of the same numbers. */
const hundreds = fc.tuple(fc.constantFrom(6, 20), fc.integer({ min: 0, max: 9 }))
  .map(([width, hundred]) => rangeAt(width, BigInt(hundred * 100), 100))

/** Mostly valid ranges. A range that outgrows its width has a last number that is longer than the first. */
export const requestedRange: fc.Arbitrary<RequestedRange> = fc.oneof(
  { weight: 8, arbitrary: sparse }, { weight: 2, arbitrary: dense }, { weight: 1, arbitrary: hundreds })

/** Ranges of which numbers may exist. */
export const existingRange: fc.Arbitrary<RequestedRange> = fc.oneof(
  { weight: 1, arbitrary: sparse }, { weight: 12, arbitrary: dense }, { weight: 3, arbitrary: hundreds })

/** Returns the range of `count` numbers that begins with `first`. */
export function rangeAt (width: number, first: bigint, count: number): RequestedRange {
  return {
    first: first.toString().padStart(width, '0'),
    last: (first + BigInt(count) - 1n).toString().padStart(width, '0'),
    count,
    isOnlyChecked: count > MAX_STORED_COUNT
  }
}

/** Returns the first alias of a range. The aliases of most ranges fit into the width. */
export function aliasFor (count: number): fc.Arbitrary<string> {
  const sign = fc.constantFrom('', '+')
  const digits = fc.oneof(
    { weight: 5, arbitrary: width.chain(width => firstNumber(width, count).map(first => first.toString().padStart(width, '0'))) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 900 }).map(first => first.toString().padStart(6, '0')) }
  )
  return fc.tuple(sign, digits).map(parts => parts.join(''))
}
