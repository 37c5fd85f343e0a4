import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../harness/random.js'
import { Area } from '../harness/range.js'
import type { Context, ScenarioResult } from '../scenario.js'
import { migrationByMany } from './races/migration.js'
import { parentsInReadCommitted, parentsInRepeatableRead } from './races/parents.js'
import type { Shape } from './races/race.js'
import { crossing, overlapping, sameRange, touching, validationBesideCreation } from './races/ranges.js'
import { undoBesideLoad } from './races/undo.js'

interface NamedShape {
  readonly name: string
  readonly play: Shape
}

const SHAPES: readonly [NamedShape, ...NamedShape[]] = [
  { name: 'the same range', play: sameRange },
  { name: 'overlapping ranges', play: overlapping },
  { name: 'touching ranges', play: touching },
  { name: 'crossing aliases', play: crossing },
  { name: 'validation beside creation', play: validationBesideCreation },
  { name: 'parents deleted in READ COMMITTED', play: parentsInReadCommitted },
  { name: 'parents deleted in REPEATABLE READ', play: parentsInRepeatableRead },
  { name: 'undo beside load', play: undoBesideLoad }
]

const MIGRATION: NamedShape = { name: 'migration by many', play: migrationByMany }

/** The shapes take turns; a migration, which takes the time of many, comes after the first turn and then seldom. */
const MIGRATION_EVERY = 50

/** Of crashes, the rounds have numbers below these. */
const FIRST_AREA = 3_000

/** Milliseconds within which the clients of a round start. */
const LATEST_START = 10

/** Calls that meet: every number has one winner, and the others are told what stands in their way. */
export async function races (context: Context): Promise<ScenarioResult> {
  const { history, seed, tell, servers } = context
  const before = history.requests
  const violations: string[] = []
  let rounds = 0
  for (; context.hasTimeFor(rounds); rounds++) {
    const { name, play } = shapeOf(rounds)
    const random = new Random(seed, 'races', rounds)
    const atOnce = async (actions: ReadonlyArray<() => Promise<unknown>>): Promise<void> => {
      await Promise.all(actions.map(action => sleep(random.integer(0, LATEST_START)).then(action)))
    }
    const found = await play({
      context, random, area: new Area(random, FIRST_AREA + rounds), serverOf: client => servers[client % 2 === 0 ? 0 : 1], atOnce
    })
    found.push(...await context.check())
    if (found.length > 0) tell(`races ${rounds}: ${name}: ${found.length} violations`)
    violations.push(...found.map(violation => `races ${rounds}: ${name}: ${violation}`))
  }
  return { rounds, faults: 0, requests: history.requests - before, violations }
}

function shapeOf (round: number): NamedShape {
  if (round % MIGRATION_EVERY === SHAPES.length) return MIGRATION
  return SHAPES[round % SHAPES.length] ?? SHAPES[0]
}
