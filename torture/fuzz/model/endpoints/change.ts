import { countOf, intersectionOf, memberAt, overlapOf, rangeBetween, type NumberRange } from '../number-range.js'
import type { Outcome } from '../outcome.js'
import { NUMBER, type Parameters } from '../parameters.js'
import { numbersOf, runsWithin, type Run } from '../state.js'

/** The range that an update or a delete names, and its existing numbers. */
export interface ChangedRange {
  /** `undefined` if the parameters have an issue. */
  readonly numbers: NumberRange | undefined
  readonly held: readonly Run[]
  readonly isWhole: boolean
  /** Whether `end` was sent. */
  readonly hasEnd: boolean
}

/** Reads `number` and `end`, and adds an issue if some numbers of a range do not exist. */
export function readChangedRange (parameters: Parameters, runs: readonly Run[]): ChangedRange {
  const number = parameters.required('number', parameters.text('number', NUMBER))
  const end = parameters.text('end', NUMBER)
  const hasEnd = end != null
  if (number === undefined || end === undefined) return { numbers: undefined, held: [], isWhole: false, hasEnd }
  const numbers = rangeBetween(number, end ?? '')
  if (numbers === undefined) {
    parameters.addIssue('end')
    return { numbers, held: [], isWhole: false, hasEnd }
  }
  const held = runsWithin(runs, numbers)
  const count = countOf(numbers)
  const missing = count - Number(overlapOf(numbers, numbersOf(held))?.count ?? 0n)
  if (missing > 0 && count > 1) parameters.addIssue('number', [String(missing), firstMissing(numbers, held)])
  return { numbers, held, isWhole: missing === 0, hasEnd }
}

/** Returns the reply to a call for one number that does not exist. */
export function notFound (numbers: NumberRange): Outcome {
  return { code: '404', entries: [{ key: 'number', mentions: [memberAt(numbers, 0)] }] }
}

function firstMissing (numbers: NumberRange, held: readonly Run[]): string {
  let { first } = numbers
  for (const run of held) {
    if (intersectionOf(run.numbers, { ...numbers, first, last: first }) !== undefined) first = run.numbers.last + 1n
  }
  return memberAt({ ...numbers, first }, 0)
}
