import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../harness/random.js'
import { Area } from '../harness/range.js'
import type { Context, ScenarioResult } from '../scenario.js'
import { migrationByMany } from './races/migration.js'
import { parentsInReadCommitted, parentsInRepeatableRead } from './races/parents.js'
import type { Shape } from './races/race.js'
import { crossing, overlapping, sameRange, touching, validationBesideCreation } from './races/ranges.js'
import { undoBesideLoad } from './races/undo.js'

const SHAPES: Readonly<Record<string, Shape>> = {
  'the same range': sameRange,
  'overlapping ranges': overlapping,
  'touching ranges': touching,
  'crossing aliases': crossing,
  'validation beside creation': validationBesideCreation,
  'parents deleted in READ COMMITTED': parentsInReadCommitted,
  'parents deleted in REPEATABLE READ': parentsInRepeatableRead,
  'undo beside load': undoBesideLoad,
  'migration by many': migrationByMany
}

/** A round of which much costs more than it shows is played so rarely. */
const EVERY: Readonly<Record<string, number>> = { 'migration by many': 6 }

/** Of crashes, the rounds have numbers below these. */
const FIRST_AREA = 3_000

/** Milliseconds within which the clients of a round start. */
const LATEST_START = 10

/** Calls that meet: every number has one winner, and the others are told what stands in their way. */
export async function races (context: Context): Promise<ScenarioResult> {
  const { ledger, seed, tell, servers } = context
  const before = ledger.requests
  const violations: string[] = []
  let rounds = 0
  const names = Object.keys(SHAPES)
  for (; context.hasTimeFor(rounds); rounds++) {
    const [name, turn] = [names[rounds % names.length] ?? '', Math.floor(rounds / names.length)]
    if (turn % (EVERY[name] ?? 1) !== 0) continue
    const random = new Random(seed, 'races', rounds)
    const atOnce = async (actions: ReadonlyArray<() => Promise<unknown>>): Promise<void> => {
      await Promise.all(actions.map(action => sleep(random.integer(0, LATEST_START)).then(action)))
    }
    const found = await SHAPES[name]?.({
      context, random, area: new Area(random, FIRST_AREA + rounds), serverOf: client => servers[client % 2 === 0 ? 0 : 1], atOnce
    }) ?? []
    found.push(...await context.check())
    if (found.length > 0) tell(`races ${rounds}: ${name}: ${found.length} violations`)
    violations.push(...found.map(violation => `races ${rounds}: ${name}: ${violation}`))
  }
  return { rounds, faults: 0, requests: ledger.requests - before, violations }
}
