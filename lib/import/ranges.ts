import { countWhile } from '../numbers/count-while.js'
import { digitsAfter, splitSign, type NumberRange } from '../numbers/number-range.js'
import type { Row } from './rows.js'

/** Rows on consecutive lines with equal counts of numbers; `offset` is the place of the first one in its range. */
interface RowRun {
  readonly offset: number
  readonly line: number
  readonly size: number
}

/** Consecutive numbers of consecutive rows with equal attributes. Their aliases count up as well. */
export interface FileRange extends Row {
  /** The rows, if there are several. */
  readonly runs?: readonly RowRun[]
}

/** Joins consecutive rows to ranges. */
export class RangeBuilder {
  readonly #ranges: FileRange[] = []
  #first: Row | undefined
  #last: Row | undefined
  #count = 0
  #runs: RowRun[] = []

  add (row: Row): void {
    const { line, numbers: { count } } = row
    if (this.#first !== undefined && this.#last !== undefined && continues(this.#last, row)) {
      if (this.#first === this.#last) this.#runs = [{ offset: 0, line: this.#first.line, size: this.#first.numbers.count }]
      this.#continue(line, count)
    } else {
      this.#end()
      this.#first = row
    }
    this.#last = row
    this.#count += count
  }

  finish (): FileRange[] {
    this.#end()
    return this.#ranges
  }

  #end (): void {
    const [first, last] = [this.#first, this.#last]
    if (first === undefined || last === undefined) return
    this.#ranges.push(first === last ? first : {
      ...first,
      numbers: this.#joined(first.numbers, last.numbers),
      aliases: first.aliases && last.aliases && this.#joined(first.aliases, last.aliases),
      runs: this.#runs
    })
    this.#first = undefined
    this.#count = 0
  }

  #joined ({ first }: NumberRange, { last }: NumberRange): NumberRange {
    return { first, last, count: this.#count }
  }

  #continue (line: number, count: number): void {
    const run = this.#runs.at(-1)
    const isNext = run !== undefined && count === run.size && line === run.line + (this.#count - run.offset) / run.size
    if (!isNext) this.#runs.push({ offset: this.#count, line, size: count })
  }
}

/** Returns the line of the number at a place in a range. */
export function lineAt ({ line, runs = [] }: FileRange, place: number): number {
  const run = runs[countWhile(runs, ({ offset }) => offset <= place) - 1]
  return run === undefined ? line : run.line + Math.floor((place - run.offset) / run.size)
}

function continues (previous: Row, next: Row): boolean {
  return previous.attributes === next.attributes && isNext(previous.numbers.last, next.numbers.first) &&
    (previous.aliases === undefined
      ? next.aliases === undefined
      : next.aliases !== undefined && isNext(previous.aliases.last, next.aliases.first))
}

function isNext (previous: string, next: string): boolean {
  // Of ten numbers in a row, nine need no arithmetic.
  const end = previous.length - 1
  if (next.length !== previous.length) return false
  if (!previous.endsWith('9')) return next.charCodeAt(end) === previous.charCodeAt(end) + 1 && next.startsWith(previous.slice(0, end))
  const [before, after] = [splitSign(previous), splitSign(next)]
  return before.sign === after.sign && digitsAfter(before.digits, 1) === after.digits
}
