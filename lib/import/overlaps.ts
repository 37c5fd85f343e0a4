import { setImmediate as nextTurn } from 'node:timers/promises'
import { ITEMS_IN_TURN, sortedInTurns } from '../concurrency/sorted-in-turns.js'
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

/** The numbers or the aliases of a range of the file. */
export interface Member {
  readonly range: FileRange
  readonly part: NumberRange
}

/** Returns the numbers or the aliases of the ranges in their order, the shortest first. */
export async function inOrder (ranges: readonly FileRange[], part: 'numbers' | 'aliases'): Promise<readonly Member[]> {
  const members: Member[] = []
  for (const range of ranges) {
    const found = range[part]
    if (found !== undefined) members.push({ range, part: found })
  }
  return await sortedInTurns(members, (left, right) => compare(left.part.first, right.part.first))
}

/** Returns the duplicates among sorted members, in the order of the repeating lines. */
export async function findOverlaps (members: readonly Member[]): Promise<readonly Overlap[]> {
  const overlaps: Overlap[] = []
  let open: Member | undefined
  for (const [index, member] of members.entries()) {
    if (open !== undefined && compare(open.part.last, member.part.first) >= 0) overlaps.push(overlapOf(open, member))
    if (open === undefined || compare(open.part.last, member.part.last) < 0) open = member
    if (index % ITEMS_IN_TURN === 0) await nextTurn()
  }
  return await sortedInTurns(overlaps, (left, right) => left.later.first - right.later.first)
}

/**
 * Returns the numbers, among sorted members, that are prefixes of longer ones: one for each range of the longer ones and each
 * length.
 */
export async function findPrefixes (members: readonly Member[]): Promise<Prefix[]> {
  const prefixes: Prefix[] = []
  const widths: number[] = []
  for (const [index, longer] of members.entries()) {
    const width = longer.part.first.length
    for (const shorter of widths) if (shorter < width) prefixes.push(...prefixOf(longer, shorter, members))
    if (widths.at(-1) !== width) widths.push(width)
    if (index % ITEMS_IN_TURN === 0) await nextTurn()
  }
  return prefixes
}

function prefixOf (longer: Member, width: number, members: readonly Member[]): Prefix[] {
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
}

/** Compares numbers by their length, and then by their digits. */
function compare (left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length
  return left < right ? -1 : Number(left > right)
}

/** Returns the last of the members that do not begin after a number. */
function lastUpTo (members: readonly Member[], number: string): Member | undefined {
  let [low, high] = [0, members.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const member = members[middle]
    if (member !== undefined && compare(member.part.first, number) <= 0) low = middle + 1
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
