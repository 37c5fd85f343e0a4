import { countOf, intersectionOf, partOf, type NumberRange } from './number-range.js'

/** The attributes of numbers, without their aliases. */
export interface Attributes {
  readonly class: number
  readonly ingroup: number
  readonly customer: number | null
  readonly region: number | null
  readonly stype: string
}

/** Numbers whose attributes are equal, and whose aliases count up with them. */
export interface Run extends Attributes {
  readonly numbers: NumberRange
  readonly aliases: NumberRange | null
  /** The position of their load in the records. */
  readonly load: number
}

/** The charge of a customer for some numbers of a load. */
export interface Charge {
  readonly customer: number
  readonly quantity: number
  /** In cents. */
  readonly unitPrice: bigint
}

interface Undoable {
  readonly person: string
  /** The person who has undone it. */
  readonly undoneBy: string | null
}

export interface ModelLoad extends Undoable {
  readonly kind: 'load'
  readonly runs: readonly Run[]
  readonly chargeCustomer: boolean
  readonly charges: readonly Charge[]
}

export interface ModelChange extends Undoable {
  readonly kind: 'update' | 'delete'
  readonly numbers: NumberRange
  readonly newValues: NewValues
  /** The numbers as they were. */
  readonly runs: readonly Run[]
}

/** The values that an update sets. */
export type NewValues = Partial<Attributes> & { readonly aliases?: NumberRange | null }

export type ModelRecord = ModelLoad | ModelChange

/** A booking: positive quantities are paid, negative ones given back. */
export interface Transaction extends Charge {
  /** The positions of the load, and of the change that it refunds, in the records. */
  readonly load: number
  readonly change: number | null
}

/** The rows that the calls must have stored. */
export interface ModelState {
  /** Every load and change, in their order. */
  readonly records: readonly ModelRecord[]
  /** The identifiers of the records, as the replies gave them. */
  readonly ids: readonly string[]
  /** The numbers that exist. */
  readonly runs: readonly Run[]
  readonly transactions: readonly Transaction[]
}

export const EMPTY: ModelState = { records: [], ids: [], runs: [], transactions: [] }

/** Returns the numbers of a range, in their order. */
export function runsWithin (runs: readonly Run[], range: NumberRange): Run[] {
  return runs.flatMap(run => partOfRun(run, range) ?? []).sort((one, other) => one.numbers.first < other.numbers.first ? -1 : 1)
}

/** Returns the numbers outside of a range. */
export function runsWithout (runs: readonly Run[], range: NumberRange): Run[] {
  return runs.flatMap(run => {
    const common = intersectionOf(run.numbers, range)
    if (common === undefined) return [run]
    const [before, after] = [{ ...run.numbers, last: common.first - 1n }, { ...run.numbers, first: common.last + 1n }]
    return [before, after].flatMap(rest => rest.last < rest.first ? [] : partOfRun(run, rest) ?? [])
  })
}

function partOfRun (run: Run, range: NumberRange): Run | undefined {
  const numbers = intersectionOf(run.numbers, range)
  if (numbers === undefined) return undefined
  if (numbers.first === run.numbers.first && numbers.last === run.numbers.last) return run
  return { ...run, numbers, aliases: run.aliases && partOf(run.aliases, numbers.first - run.numbers.first, countOf(numbers)) }
}

/** Returns the numbers of a change as it leaves them; `from` are those of its range. */
export function runsAfter ({ kind, numbers, newValues }: Pick<ModelChange, 'kind' | 'numbers' | 'newValues'>, from: readonly Run[]): Run[] {
  if (kind === 'delete') return []
  const { aliases, ...attributes } = newValues
  return from.map(run => ({
    ...run, ...attributes,
    ...aliases !== undefined && { aliases: aliases && partOf(aliases, run.numbers.first - numbers.first, countOf(run.numbers)) }
  }))
}

/** Returns as few runs as possible; they must be in order. */
export function mergedRuns (runs: readonly Run[]): Run[] {
  const merged: Run[] = []
  for (const run of runs) {
    const last = merged.at(-1)
    if (last !== undefined && continues(last, run)) merged[merged.length - 1] = joined(last, run)
    else merged.push(run)
  }
  return merged
}

function continues (one: Run, next: Run): boolean {
  const isEqual = (['class', 'ingroup', 'customer', 'region', 'stype', 'load'] as const).every(name => one[name] === next[name])
  if (!isEqual || !follows(one.numbers, next.numbers)) return false
  return one.aliases === null || next.aliases === null ? one.aliases === next.aliases : follows(one.aliases, next.aliases)
}

function follows (one: NumberRange, next: NumberRange): boolean {
  return one.sign === next.sign && one.width === next.width && one.last + 1n === next.first
}

function joined (one: Run, next: Run): Run {
  return {
    ...one, numbers: { ...one.numbers, last: next.numbers.last },
    aliases: one.aliases && next.aliases && { ...one.aliases, last: next.aliases.last }
  }
}

export function numbersOf (runs: readonly Run[]): NumberRange[] {
  return runs.map(({ numbers }) => numbers)
}

export function aliasesOf (runs: readonly Run[]): Array<NumberRange | null> {
  return runs.map(({ aliases }) => aliases)
}
