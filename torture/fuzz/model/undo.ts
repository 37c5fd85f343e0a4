import { isDeepStrictEqual } from 'node:util'
import { overlapOf } from './number-range.js'
import {
  aliasesOf, mergedRuns, numbersOf, runsAfter, runsWithin, runsWithout, type ModelRecord, type ModelState, type Run
} from './state.js'

/** The state after an undo, or the code of the error that refuses it. */
export type Undone = { readonly state: ModelState } | { readonly refusal: string }

/** Undoes the records at these positions, the latest first: all of them or none. */
export function undoAll (state: ModelState, positions: readonly number[], person: string): Undone {
  let undone: Undone = { state }
  for (const position of [...positions].sort((one, other) => other - one)) {
    if ('state' in undone) undone = undoOne(undone.state, position, person)
  }
  return undone
}

function undoOne (state: ModelState, position: number, person: string): Undone {
  const record = state.records[position]
  if (record === undefined) return { refusal: 'TELCO_NUMBERS_RECORD_NOT_FOUND' }
  if (record.undoneBy !== null) return { refusal: 'TELCO_NUMBERS_RECORD_UNDONE' }
  const [left, restored] = record.kind === 'load' ? [record.runs, []] : [runsAfter(record, record.runs), record.runs]
  const ranges = record.kind === 'load' ? numbersOf(record.runs) : [record.numbers]
  const others = ranges.reduce((runs, range) => runsWithout(runs, range), state.runs)
  const areAsLeft = ranges.every(range => areSame(runsWithin(state.runs, range), runsWithin(left, range)))
  if (!areAsLeft || haveTakenAliases(restored, others)) return { refusal: 'TELCO_NUMBERS_UNDO_REFUSED' }
  const reversed = state.transactions.filter(({ load, change }) => (
    record.kind === 'load' ? load === position && change === null : change === position))
  return {
    state: {
      ...state,
      records: state.records.with(position, { ...record, undoneBy: person } satisfies ModelRecord),
      runs: [...others, ...restored],
      transactions: [...state.transactions, ...reversed.map(transaction => ({ ...transaction, quantity: -transaction.quantity }))]
    }
  }
}

function areSame (some: readonly Run[], others: readonly Run[]): boolean {
  return isDeepStrictEqual(mergedRuns(some).map(comparable), mergedRuns(others).map(comparable))
}

/** Returns a run with its columns in one order. */
function comparable ({ numbers, aliases, class: numberClass, ingroup, customer, region, stype, load }: Run): Run {
  return { numbers, aliases, class: numberClass, ingroup, customer, region, stype, load }
}

function haveTakenAliases (restored: readonly Run[], others: readonly Run[]): boolean {
  return restored.some(({ aliases }) => aliases !== null && overlapOf(aliases, aliasesOf(others)) !== undefined)
}
