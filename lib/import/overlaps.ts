import { distance, type NumberRange } from '../numbers/number-range.js'
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

/** A number with which a longer one begins, or the first of several such numbers. */
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

interface Member {
  readonly range: FileRange
  readonly part: NumberRange
  /** Its first member, as {@link keyOf}. */
  readonly key: string
}

/** Returns what the file has twice, in the order of the lines that repeat something. */
export function findOverlaps (ranges: readonly FileRange[], part: 'numbers' | 'aliases'): Overlap[] {
  const overlaps: Overlap[] = []
  let open: Member | undefined
  for (const member of inOrder(ranges, part)) {
    if (open !== undefined && keyOf(open.part.last) >= member.key) overlaps.push(overlapOf(open, member))
    if (open === undefined || keyOf(open.part.last) < keyOf(member.part.last)) open = member
  }
  return overlaps.sort((left, right) => left.later.first - right.later.first)
}

/** Returns the numbers of the file with which longer ones begin, one for each range of the longer ones and each length. */
export function findPrefixes (ranges: readonly FileRange[]): Prefix[] {
  const members = inOrder(ranges, 'numbers')
  const widths = [...new Set(members.map(({ part }) => part.first.length))]
  return widths.length < 2 ? [] : members.flatMap(longer => widths.flatMap(width => {
    if (width >= longer.part.first.length) return []
    const prefix = { first: longer.part.first.slice(0, width), last: longer.part.last.slice(0, width) }
    const shorter = lastUpTo(members, prefix.last)
    if (shorter === undefined || shorter.part.first.length !== width || shorter.part.last < prefix.first) return []
    const number = maximum(shorter.part.first, prefix.first)
    const longNumber = maximum(longer.part.first, number.padEnd(longer.part.first.length, '0'))
    return [{
      shorter: number,
      shorterLine: lineOf(shorter, number),
      longer: longNumber,
      longerLine: lineOf(longer, longNumber)
    }]
  }))
}

/** Returns the ranges in their order, the shortest first. */
function inOrder (ranges: readonly FileRange[], part: 'numbers' | 'aliases'): Member[] {
  const members = ranges.flatMap(range => {
    const found = range[part]
    return found === undefined ? [] : [{ range, part: found, key: keyOf(found.first) }]
  })
  return members.sort((left, right) => left.key < right.key ? -1 : 1)
}

/** Returns a text that sorts as its length, and then as itself. */
function keyOf (member: string): string {
  return String.fromCharCode(member.length) + member
}

/** Returns the last of the members that do not begin behind a number. */
function lastUpTo (members: readonly Member[], number: string): Member | undefined {
  const key = keyOf(number)
  let [low, high] = [0, members.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const member = members[middle]
    if (member !== undefined && member.key <= key) low = middle + 1
    else high = middle
  }
  return members[low - 1]
}

function overlapOf (open: Member, member: Member): Overlap {
  const { first } = member.part
  const last = minimum(open.part.last, member.part.last)
  const one = { first: lineOf(open, first), last: lineOf(open, last) }
  const other = { first: lineOf(member, first), last: lineOf(member, last) }
  return one.first <= other.first ? { first, last, earlier: one, later: other } : { first, last, earlier: other, later: one }
}

function lineOf ({ range, part }: Member, number: string): number {
  return lineAt(range, distance(part.first, number))
}

function maximum (left: string, right: string): string {
  return left > right ? left : right
}

function minimum (left: string, right: string): string {
  return left < right ? left : right
}
