import type { StoredNumber } from '../../harness/stored-number.js'
import type { Stored } from '../database/lane-schema.js'
import { CUSTOMERS } from '../model/demo-data.js'
import { countOf, memberAt, type NumberRange } from '../model/number-range.js'
import { mergedRuns, type Attributes, type ModelChange, type ModelLoad, type ModelState, type NewValues, type Run } from '../model/state.js'

type Row = Record<string, unknown>

/** Returns the first difference between the stored rows and the model, or `undefined`. */
export function findStoredViolation (state: ModelState, stored: Stored): string | undefined {
  const { records, ids } = state
  const idOf = (position: number): string => ids[position] ?? ''
  const loads = records.flatMap((record, position) => record.kind === 'load' ? [expectedLoad(record, idOf(position))] : [])
  const changes = records.flatMap((record, position) => record.kind === 'load' ? [] : [expectedChange(record, idOf(position))])
  const runs = records.flatMap((record, position) => record.kind === 'load' ? [] : expectedRuns(record, idOf(position), idOf))
  return findDifference('load', loads, stored.loads) ??
    findDifference('change', changes, stored.changes) ??
    findDifference('changed run', runs, stored.runs) ??
    findDifference('number', expectedNumbers(state.runs, idOf), stored.numbers) ??
    findDifference('transaction', sorted(expectedTransactions(state, idOf)), sorted(stored.transactions)) ??
    findDifference('balance', expectedBalances(state), stored.balances)
}

function findDifference (kind: string, expected: readonly unknown[], found: readonly unknown[]): string | undefined {
  for (let index = 0; index < Math.max(expected.length, found.length); index++) {
    const [one, other] = [expected[index], found[index]].map(textOf)
    if (one !== other) return `stored ${kind} ${index} is ${other ?? 'missing'}, not ${one ?? 'missing'}`
  }
  return undefined
}

/** Returns a row as JSON with its columns in alphabetical order. */
function textOf (row: unknown): string | undefined {
  return JSON.stringify(row, (_key, value: unknown) => (
    typeof value !== 'object' || value === null ? value : Object.fromEntries(Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1))))
}

// The order in which the payers of a call are charged is not part of the contract.
function sorted (rows: readonly unknown[]): unknown[] {
  return rows.map(row => ({ row, text: textOf(row) ?? '' })).sort((one, other) => one.text < other.text ? -1 : 1).map(({ row }) => row)
}

function expectedLoad (load: ModelLoad, id: string): Row {
  const { person, runs, chargeCustomer, charges, undoneBy } = load
  const charged = charges.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * BigInt(quantity), 0n)
  return {
    id,
    person,
    source: '127.0.0.1',
    ...commonOf(runs),
    ranges: runs.length,
    charge_customer: chargeCustomer,
    charged: charged.toString(),
    undone: undoneBy !== null,
    undone_by: undoneBy
  }
}

/** Returns the ends of all ranges of a load, and the attributes, `null` for those in which its ranges differ. */
function commonOf (runs: readonly Run[]): Row {
  const ends = runs.flatMap(({ numbers }) => [memberAt(numbers, 0), memberAt(numbers, countOf(numbers) - 1)]).sort()
  const common = (column: keyof Attributes): unknown => (
    runs.every(run => run[column] === runs[0]?.[column]) ? runs[0]?.[column] : null)
  return {
    start: ends[0],
    end: ends.at(-1),
    count: runs.reduce((sum, { numbers }) => sum + countOf(numbers), 0),
    alias: runs.length === 1 ? firstOf(runs[0]?.aliases ?? null) : null,
    class: common('class'),
    ingroup: common('ingroup'),
    customer: common('customer'),
    region: common('region'),
    stype: common('stype')
  }
}

function expectedChange ({ kind, person, numbers, newValues, undoneBy }: ModelChange, id: string): Row {
  const count = countOf(numbers)
  return {
    id, kind, person, source: '127.0.0.1', start: memberAt(numbers, 0), end: memberAt(numbers, count - 1), count,
    new_values: storedValues(newValues), undone: undoneBy !== null, undone_by: undoneBy
  }
}

function storedValues ({ aliases, ...attributes }: NewValues): Row {
  return { ...attributes, ...aliases !== undefined && { alias: firstOf(aliases) } }
}

function expectedRuns ({ runs }: ModelChange, change: string, idOf: (position: number) => string): Row[] {
  return mergedRuns(runs).map(run => {
    const count = countOf(run.numbers)
    return {
      change, first: memberAt(run.numbers, 0), last: memberAt(run.numbers, count - 1), count, alias: firstOf(run.aliases),
      ...attributesOf(run), load: idOf(run.load)
    }
  })
}

function expectedNumbers (runs: readonly Run[], idOf: (position: number) => string): StoredNumber[] {
  return runs.flatMap(run => Array.from({ length: countOf(run.numbers) }, (_, offset) => ({
    number: memberAt(run.numbers, offset),
    alias: run.aliases && memberAt(run.aliases, offset),
    ...attributesOf(run),
    load: idOf(run.load)
  }))).sort((one, other) => one.number < other.number ? -1 : 1)
}

function attributesOf ({ class: numberClass, ingroup, customer, region, stype }: Run): Attributes {
  return { class: numberClass, ingroup, customer, region, stype }
}

function firstOf (aliases: NumberRange | null): string | null {
  return aliases && memberAt(aliases, 0)
}

function expectedTransactions ({ transactions }: ModelState, idOf: (position: number) => string): Row[] {
  return transactions.map(({ customer, load, change, quantity, unitPrice }) => ({
    customer, load: idOf(load), change: change === null ? null : idOf(change), quantity,
    unit_price: unitPrice.toString(), amount: (-unitPrice * BigInt(quantity)).toString()
  }))
}

function expectedBalances ({ transactions }: ModelState): Row[] {
  return [...CUSTOMERS.keys()].map(customer => {
    const paid = transactions.filter(transaction => transaction.customer === customer)
      .reduce((sum, { unitPrice, quantity }) => sum + unitPrice * BigInt(quantity), 0n)
    return { customer, balance: (-paid).toString() }
  })
}
