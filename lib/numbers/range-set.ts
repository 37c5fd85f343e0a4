import { countWhile } from './count-while.js'
import { compareNumbers, type NumberRange } from './number-range.js'

/** Consecutive numbers of one length. */
export type Run = Pick<NumberRange, 'first' | 'last'>

/**
 * Numbers as runs, to which further ones are added. It has a few arrays of sorted runs that do not overlap, each more than twice
 * as long as the next one, so adding and finding a run takes logarithmic time, in any order.
 */
export class RangeSet {
  readonly #levels: Array<readonly Run[]> = []

  /** Adds runs that are in the order of {@link compareNumbers} and do not overlap. */
  add (runs: readonly Run[]): void {
    let added = runs
    let last = this.#levels.at(-1)
    while (last !== undefined && last.length <= 2 * added.length) {
      this.#levels.pop()
      added = merge(last, added)
      last = this.#levels.at(-1)
    }
    this.#levels.push(added)
  }

  overlaps ({ first, last }: Run): boolean {
    return this.#levels.some(level => {
      const run = level[countWhile(level, run => isBefore(run.last, first))]
      return run !== undefined && !isBefore(last, run.first)
    })
  }
}

function isBefore (left: string, right: string): boolean {
  return compareNumbers(left, right) < 0
}

function merge (left: readonly Run[], right: readonly Run[]): Run[] {
  const sorted = [...left, ...right].sort((one, other) => compareNumbers(one.first, other.first))
  const merged: Run[] = []
  for (const run of sorted) {
    const previous = merged.at(-1)
    if (previous === undefined || isBefore(previous.last, run.first)) merged.push(run)
    else if (isBefore(previous.last, run.last)) merged[merged.length - 1] = { first: previous.first, last: run.last }
  }
  return merged
}
