import {
  runsAfter, runsWithin, runsWithout, type Charge, type ModelChange, type ModelState, type Run, type Transaction
} from './state.js'

/** The numbers and charges that a load adds. */
interface Added {
  readonly person: string
  readonly ranges: ReadonlyArray<Omit<Run, 'load'>>
  readonly chargeCustomer: boolean
  readonly charges: readonly Charge[]
}

/** Returns the state after a load. */
export function addLoad (state: ModelState, { person, ranges, chargeCustomer, charges }: Added): ModelState {
  const load = state.records.length
  const runs = ranges.map(range => ({ ...range, load }))
  return {
    ...state,
    records: [...state.records, { kind: 'load', person, runs, chargeCustomer, charges, undoneBy: null }],
    runs: [...state.runs, ...runs],
    transactions: [...state.transactions, ...charges.map(charge => ({ ...charge, load, change: null }))]
  }
}

/** Returns the state after a change of numbers that all exist. */
export function addChange (
  state: ModelState, change: Omit<ModelChange, 'runs' | 'undoneBy'>, isRefunded: boolean
): ModelState {
  const runs = runsWithin(state.runs, change.numbers)
  return {
    ...state,
    records: [...state.records, { ...change, runs, undoneBy: null }],
    runs: [...runsWithout(state.runs, change.numbers), ...runsAfter(change, runs)],
    transactions: [...state.transactions, ...isRefunded ? refundsOf(state, runs) : []]
  }
}

/** Returns the refunds of the payers: the price at which each number was loaded. Loads of several ranges refund nothing. */
function refundsOf ({ records }: ModelState, runs: readonly Run[]): Transaction[] {
  const counts = new Map<number, number>()
  for (const { load, numbers: { first, last } } of runs) counts.set(load, (counts.get(load) ?? 0) + Number(last - first + 1n))
  return [...counts].flatMap(([load, count]) => {
    const record = records[load]
    if (record?.kind !== 'load' || record.runs.length > 1) return []
    return record.charges.map(charge => ({ ...charge, quantity: -count, load, change: records.length }))
  })
}
