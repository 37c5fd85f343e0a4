import { lengthOf, memberOf, type ModelLoad, type World } from '../model/world.js'
import type { Stored, StoredLoad, StoredNumber } from '../database/lane-schema.js'

/** The first difference between what the database holds and what the replies said, `undefined` for none. */
export function findStoredFault (world: World, stored: Stored): string | undefined {
  return findDifference('load', world.map(expectedLoad), stored.loads.map(withoutId)) ??
    findDifference('number', expectedNumbers(world, stored.loads), stored.numbers) ??
    findDifference('transaction', world.flatMap(expectedTransactions), stored.transactions) ??
    findDifference('balance', expectedBalances(world), stored.balances)
}

function findDifference (what: string, expected: readonly unknown[], found: readonly unknown[]): string | undefined {
  for (let index = 0; index < Math.max(expected.length, found.length); index++) {
    const [one, other] = [expected[index], found[index]].map(row => JSON.stringify(row))
    if (one !== other) return `stored ${what} ${index} is ${other ?? 'missing'}, not ${one ?? 'there at all'}`
  }
  return undefined
}

type Row = Record<string, string | number | boolean | null>

function withoutId (load: StoredLoad): Row {
  return { ...load, id: null }
}

function expectedLoad (load: ModelLoad): Row {
  const count = lengthOf(load.numbers)
  const charged = load.charges.reduce((sum, { unitPrice }) => sum + unitPrice, 0n) * BigInt(count)
  return {
    id: null,
    person: load.person,
    source: '127.0.0.1',
    start: memberOf(load.numbers, 0),
    end: memberOf(load.numbers, count - 1),
    count,
    alias: load.aliases && memberOf(load.aliases, 0),
    ...attributesOf(load),
    charge_customer: load.chargeCustomer,
    charged: charged.toString(),
    undone: false
  }
}

function attributesOf ({ class: numberClass, ingroup, customer, region, stype }: ModelLoad): Row {
  return { class: numberClass, ingroup, customer, region, stype }
}

function expectedNumbers (world: World, loads: readonly StoredLoad[]): StoredNumber[] {
  return world.flatMap((load, index) => Array.from({ length: lengthOf(load.numbers) }, (_, place) => ({
    number: memberOf(load.numbers, place),
    alias: load.aliases && memberOf(load.aliases, place),
    class: load.class,
    ingroup: load.ingroup,
    customer: load.customer,
    region: load.region,
    stype: load.stype,
    load: loads[index]?.id ?? ''
  }))).sort((one, other) => one.number < other.number ? -1 : 1)
}

/** In the order in which they are charged: from the top of the chain down. */
function expectedTransactions ({ numbers, charges }: ModelLoad): Row[] {
  const quantity = lengthOf(numbers)
  return charges.map(({ customer, unitPrice }) => ({
    customer, quantity, unit_price: unitPrice.toString(), amount: (-unitPrice * BigInt(quantity)).toString()
  })).reverse()
}

function expectedBalances (world: World): Row[] {
  const balances = new Map([1, 2, 3, 4].map(customer => [customer, 0n]))
  for (const { numbers, charges } of world) {
    for (const { customer, unitPrice } of charges) {
      balances.set(customer, (balances.get(customer) ?? 0n) - unitPrice * BigInt(lengthOf(numbers)))
    }
  }
  return [...balances].map(([customer, balance]) => ({ customer, balance: balance.toString() }))
}
