import { countOf, memberAt, type ModelLoad, type ModelState } from '../model/state.js'
import type { Stored, StoredLoad, StoredNumber } from '../database/lane-schema.js'

/** Returns the first difference between the stored rows and the model, or `undefined`. */
export function findStoredViolation (state: ModelState, stored: Stored): string | undefined {
  return findDifference('load', state.map(expectedLoad), stored.loads.map(withoutId)) ??
    findDifference('number', expectedNumbers(state, stored.loads), stored.numbers) ??
    findDifference('transaction', state.flatMap(expectedTransactions), stored.transactions) ??
    findDifference('balance', expectedBalances(state), stored.balances)
}

function findDifference (kind: string, expected: readonly unknown[], found: readonly unknown[]): string | undefined {
  for (let index = 0; index < Math.max(expected.length, found.length); index++) {
    const [one, other] = [expected[index], found[index]].map(row => JSON.stringify(row))
    if (one !== other) return `stored ${kind} ${index} is ${other ?? 'missing'}, not ${one ?? 'missing'}`
  }
  return undefined
}

type Row = Record<string, string | number | boolean | null>

function withoutId (load: StoredLoad): Row {
  return { ...load, id: null }
}

function expectedLoad (load: ModelLoad): Row {
  const count = countOf(load.numbers)
  const charged = load.charges.reduce((sum, { unitPrice }) => sum + unitPrice, 0n) * BigInt(count)
  return {
    id: null,
    person: load.person,
    source: '127.0.0.1',
    start: memberAt(load.numbers, 0),
    end: memberAt(load.numbers, count - 1),
    count,
    alias: load.aliases && memberAt(load.aliases, 0),
    ...attributesOf(load),
    charge_customer: load.chargeCustomer,
    charged: charged.toString(),
    undone: false
  }
}

function attributesOf ({ class: numberClass, ingroup, customer, region, stype }: ModelLoad): Row {
  return { class: numberClass, ingroup, customer, region, stype }
}

function expectedNumbers (state: ModelState, loads: readonly StoredLoad[]): StoredNumber[] {
  return state.flatMap((load, index) => Array.from({ length: countOf(load.numbers) }, (_, offset) => ({
    number: memberAt(load.numbers, offset),
    alias: load.aliases && memberAt(load.aliases, offset),
    class: load.class,
    ingroup: load.ingroup,
    customer: load.customer,
    region: load.region,
    stype: load.stype,
    load: loads[index]?.id ?? ''
  }))).sort((one, other) => one.number < other.number ? -1 : 1)
}

/** Returns the transactions in the order of charging: from the top of the chain of customers down. */
function expectedTransactions ({ numbers, charges }: ModelLoad): Row[] {
  const quantity = countOf(numbers)
  return charges.map(({ customer, unitPrice }) => ({
    customer, quantity, unit_price: unitPrice.toString(), amount: (-unitPrice * BigInt(quantity)).toString()
  })).reverse()
}

function expectedBalances (state: ModelState): Row[] {
  const balances = new Map([1, 2, 3, 4].map(customer => [customer, 0n]))
  for (const { numbers, charges } of state) {
    for (const { customer, unitPrice } of charges) {
      balances.set(customer, (balances.get(customer) ?? 0n) - unitPrice * BigInt(countOf(numbers)))
    }
  }
  return [...balances].map(([customer, balance]) => ({ customer, balance: balance.toString() }))
}
