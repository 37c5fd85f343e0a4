import t from 'tap'
import { FAULTS } from '../../../torture/faults.js'
import { planRound } from '../../../torture/scenarios/crashes.js'

const ROUNDS = Array.from({ length: 30 }, (_, round) => round)

const plans = (seed: number): unknown[] => ROUNDS.map(round => {
  const { fault, moment, load, server, withUndo } = planRound(seed, round, 1_000_000)
  return { fault: fault.name, moment, load, server, withUndo }
})

t.test('the faults, their moments and the loads follow from the seed', async t => {
  t.strictSame(plans(1), plans(1))
  t.notSame(plans(1), plans(2))
})

t.test('every fault is injected equally often', async t => {
  const names = ROUNDS.map(round => planRound(3, round, 1_000_000).fault.name)
  for (const { name } of FAULTS) t.equal(names.filter(other => other === name).length, ROUNDS.length / FAULTS.length, name)
})

t.test('loads have from 1 to 1,000,000 numbers, some with charges and aliases', async t => {
  const loads = ROUNDS.map(round => planRound(4, round, 1_000_000).load)
  t.equal(Math.max(...loads.map(load => load.count)), 1_000_000)
  t.ok(loads.some(load => load.count < 100))
  t.ok(loads.some(load => load.price !== null))
  t.ok(loads.some(load => load.alias !== null))
  for (const { start, end, count } of loads) {
    t.equal(start.length, end.length)
    t.equal(BigInt(end) - BigInt(start) + 1n, BigInt(count))
  }
})
