import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../harness/random.js'
import { NumberBlock } from '../harness/range.js'
import type { Context, ScenarioResult } from '../scenario.js'
import { migrationByMany } from './races/migration.js'
import { parentsInReadCommitted, parentsInRepeatableRead } from './races/parents.js'
import type { Workload } from './races/race.js'
import { crossing, overlapping, sameRange, touching, validationDuringCreate } from './races/ranges.js'
import { undoDuringLoads } from './races/undo.js'

interface NamedWorkload {
  readonly name: string
  readonly play: Workload
}

const WORKLOADS: readonly [NamedWorkload, ...NamedWorkload[]] = [
  { name: 'the same range', play: sameRange },
  { name: 'overlapping ranges', play: overlapping },
  { name: 'touching ranges', play: touching },
  { name: 'crossing aliases', play: crossing },
  { name: 'validation during create', play: validationDuringCreate },
  { name: 'parents deleted in READ COMMITTED', play: parentsInReadCommitted },
  { name: 'parents deleted in REPEATABLE READ', play: parentsInRepeatableRead },
  { name: 'undo during loads', play: undoDuringLoads }
]

const MIGRATION: NamedWorkload = { name: 'migration by many', play: migrationByMany }

/** The workloads alternate. A migration takes as long as many of them, so it follows the first cycle and is then rare. */
const MIGRATION_EVERY_ROUNDS = 50

/** The blocks below this one belong to the rounds of crashes. */
const FIRST_BLOCK = 3_000

/** The clients of a round start within this time. */
const MAX_START_DELAY_MS = 10

/** Runs calls that conflict: every number is added by one call, and the other calls are refused for it. */
export async function races (context: Context): Promise<ScenarioResult> {
  const { history, seed, log, servers } = context
  const before = history.requests
  const violations: string[] = []
  let rounds = 0
  for (; context.hasTimeFor(rounds); rounds++) {
    const { name, play } = workloadOf(rounds)
    const random = new Random(seed, 'races', rounds)
    const atOnce = async (actions: ReadonlyArray<() => Promise<unknown>>): Promise<void> => {
      await Promise.all(actions.map(action => sleep(random.integer(0, MAX_START_DELAY_MS)).then(action)))
    }
    const found = await play({
      context,
      random,
      block: new NumberBlock(random, FIRST_BLOCK + rounds),
      serverOf: client => servers[client % 2 === 0 ? 0 : 1],
      atOnce
    })
    found.push(...await context.check())
    if (found.length > 0) log(`races ${rounds}: ${name}: ${found.length} violations`)
    violations.push(...found.map(violation => `races ${rounds}: ${name}: ${violation}`))
  }
  return { rounds, faults: 0, requests: history.requests - before, violations }
}

function workloadOf (round: number): NamedWorkload {
  if (round % MIGRATION_EVERY_ROUNDS === WORKLOADS.length) return MIGRATION
  return WORKLOADS[round % WORKLOADS.length] ?? WORKLOADS[0]
}
