import { setImmediate as nextTurn } from 'node:timers/promises'
import { ITEMS_IN_TURN, sortedInTurns } from '../concurrency/sorted-in-turns.js'
import { countWhile } from '../numbers/count-while.js'
import { compareNumbers, distance, type NumberRange } from '../numbers/number-range.js'
import { lineAt, type FileRange } from './ranges.js'

/** The lines on which the first and the last row of several begin. */
export interface Lines {
  readonly first: number
  readonly last: number
}

/** Numbers or aliases that are in a file twice. */
export interface Overlap {
  readonly first: string
  readonly last: string
  readonly earlier: Lines
  readonly later: Lines
}

/** A number that is a prefix of a longer one, or the first of several such numbers. */
export interface Prefix {
  readonly shorter: string
  readonly shorterLine: number
  readonly longer: string
  readonly longerLine: number
}

/** Returns a prefix in words. */
export function describePrefix ({ shorter, shorterLine, longer, longerLine }: Prefix): string {
  return `line ${longerLine}: number ${longer} begins with number ${shorter} of line ${shorterLine}`
}

/** A part of a range of the file. */
type Part = 'numbers' | 'aliases'

/** A range that has the part. */
type RangeWith<P extends Part> = FileRange & Readonly<Record<P, NumberRange>>

/** Returns the ranges that have the part, sorted by it, the shortest first; the given array, if it is sorted already. */
export async function inOrder<P extends Part> (ranges: readonly FileRange[], part: P): Promise<ReadonlyArray<RangeWith<P>>> {
  const having = ranges.every(range => hasPart(range, part)) ? ranges : ranges.filter(range => hasPart(range, part))
  return await sortedInTurns(having, (left, right) => compareNumbers(left[part].first, right[part].first))
}

/** Returns the duplicates in a part of ranges that are sorted by it, in the order of the repeating lines. */
export async function findOverlaps<P extends Part> (ranges: ReadonlyArray<RangeWith<P>>, part: P): Promise<readonly Overlap[]> {
  const overlaps: Overlap[] = []
  let open: RangeWith<P> | undefined
  for (const [index, range] of ranges.entries()) {
    if (open !== undefined && compareNumbers(open[part].last, range[part].first) >= 0) overlaps.push(overlapOf(open, range, part))
    if (open === undefined || compareNumbers(open[part].last, range[part].last) < 0) open = range
    if (index % ITEMS_IN_TURN === 0) await nextTurn()
  }
  return await sortedInTurns(overlaps, (left, right) => left.later.first - right.later.first)
}

/**
 * Returns the numbers, among sorted ranges, that are prefixes of longer ones: one for each range of the longer ones and each
 * length.
 */
export async function findPrefixes (ranges: readonly FileRange[]): Promise<Prefix[]> {
  const prefixes: Prefix[] = []
  const widths: number[] = []
  for (const [index, longer] of ranges.entries()) {
    const width = longer.numbers.first.length
    for (const shorter of widths) if (shorter < width) prefixes.push(...prefixOf(longer, shorter, ranges))
    if (widths.at(-1) !== width) widths.push(width)
    if (index % ITEMS_IN_TURN === 0) await nextTurn()
  }
  return prefixes
}

function prefixOf (longer: FileRange, width: number, ranges: readonly FileRange[]): Prefix[] {
  const { first, last } = longer.numbers
  const prefix = { first: first.slice(0, width), last: last.slice(0, width) }
  const shorter = lastUpTo(ranges, prefix.last)
  if (shorter === undefined || shorter.numbers.first.length !== width || shorter.numbers.last < prefix.first) return []
  const number = maximum(shorter.numbers.first, prefix.first)
  const longNumber = maximum(first, number.padEnd(first.length, '0'))
  return [{
    shorter: number,
    shorterLine: lineOf(shorter, 'numbers', number),
    longer: longNumber,
    longerLine: lineOf(longer, 'numbers', longNumber)
  }]
}

function hasPart<P extends Part> (range: FileRange, part: P): range is RangeWith<P> {
  return range[part] !== undefined
}

/** Returns the last of the ranges that do not begin after a number. */
function lastUpTo (ranges: readonly FileRange[], number: string): FileRange | undefined {
  return ranges[countWhile(ranges, ({ numbers }) => compareNumbers(numbers.first, number) <= 0) - 1]
}

function overlapOf<P extends Part> (open: RangeWith<P>, range: RangeWith<P>, part: P): Overlap {
  const { first } = range[part]
  const last = minimum(open[part].last, range[part].last)
  const one = { first: lineOf(open, part, first), last: lineOf(open, part, last) }
  const other = { first: lineOf(range, part, first), last: lineOf(range, part, last) }
  return one.first <= other.first ? { first, last, earlier: one, later: other } : { first, last, earlier: other, later: one }
}

function lineOf<P extends Part> (range: RangeWith<P>, part: P, number: string): number {
  return lineAt(range, distance(range[part].first, number))
}

function maximum (left: string, right: string): string {
  return left > right ? left : right
}

function minimum (left: string, right: string): string {
  return left < right ? left : right
}
