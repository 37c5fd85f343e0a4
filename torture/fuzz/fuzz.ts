import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { findHealthViolations } from './compare/health.js'
import { dropSchema, makeSchema } from './database/lane-schema.js'
import { Lane } from './lane.js'
import { testCase, type TestCase } from './requests/test-cases.js'
import { isAlwaysOk } from './server/host.js'
import { startHost, type Host } from './server/start-host.js'
import { Tally } from './tally.js'
import { bytesOf, replayOf } from './wire/request.js'

export interface FuzzSettings {
  /** The same seed generates the same requests. */
  readonly seed: number
  /** The minimum of requests: the last round runs to its end. */
  readonly requests: number
  readonly databaseUrl: string
  readonly log: (line: string) => void
}

/** Settings that a test shortens, or a reproduction changes. */
export interface Variation {
  /** The first round, to reproduce a violation. */
  readonly firstRound: number
  /** Returns whether there is time for the round with this index. */
  readonly hasTimeFor: (round: number) => boolean
  /** The count of test cases that a lane plays in a round. After them, its stored rows are compared and deleted. */
  readonly testCases: number
}

export interface FuzzResult {
  readonly rounds: number
  /** Requests that were aborted or not finished, and bytes that are not HTTP. */
  readonly faults: number
  readonly requests: number
  readonly violations: string[]
}

const DEFAULT_VARIATION: Variation = { firstRound: 1, hasTimeFor: () => true, testCases: 250 }

/** The count of servers that are fuzzed in parallel, each with its own schema. */
const LANES = 4

const MAX_VIOLATIONS = 10

/** How often the health of a busy server process is read before the process counts as stuck. */
const MAX_HEALTH_CHECKS = 20

const HEALTH_INTERVAL_MS = 50

/** Sends generated requests to real servers, and compares replies, tables and health with a model of the contract. */
export async function fuzz (settings: FuzzSettings, variation: Partial<Variation> = {}): Promise<FuzzResult> {
  const { databaseUrl } = settings
  const schemas = Array.from({ length: LANES }, (_, lane) => `telco_numbers_fuzz_${process.pid}_${lane}`)
  const pool = new pg.Pool({ connectionString: databaseUrl })
  // PostgreSQL may close an idle connection while the pool ends it.
  pool.on('error', () => {})
  try {
    await Promise.all(schemas.map(schema => makeSchema(pool, schema)))
    const host = await startHost({ databaseUrl, schemas })
    try {
      return await run({ ...settings, ...DEFAULT_VARIATION, ...variation }, host, pool, schemas)
    } finally {
      await host.stop()
    }
  } finally {
    for (const schema of schemas) await dropSchema(pool, schema)
    await pool.end()
  }
}

async function run (
  { seed, requests, log, firstRound, hasTimeFor, testCases }: FuzzSettings & Variation,
  host: Host, pool: pg.Pool, schemas: readonly string[]
): Promise<FuzzResult> {
  const tally = new Tally()
  const violations = new Set<string>()
  const { ports } = await host.health()
  const lanes = schemas.map((schema, lane) => (
    new Lane({ schema, port: ports[lane] ?? 0, alwaysOk: isAlwaysOk(lane), pool, tally })))

  let before = await host.health()
  let rounds = 0
  while (tally.requests < requests && violations.size < MAX_VIOLATIONS && (rounds === 0 || hasTimeFor(rounds))) {
    const round = firstRound + rounds
    const found = await Promise.all(lanes.map((lane, index) => playRound(lane, laneSeed(seed, round, index), testCases)))
    for (const [lane, ofLane] of found.entries()) {
      for (const violation of ofLane) violations.add(`server ${lane}: ${violation}\n  reproduce with --seed ${seed} --round ${round} --requests 1`)
    }
    const health = await idleHealth(host)
    for (const violation of findHealthViolations(before, health)) violations.add(violation)
    // The memory of code and caches that the first round has loaded is permanent.
    if (rounds === 0) before = health
    rounds++
  }
  for (const line of tally.lines()) log(line)
  const { memory } = await host.health()
  log(`memory ${megabytes(before.memory)} MB after the first round, ${megabytes(memory)} MB after the last`)
  return { rounds, faults: tally.faults, requests: tally.requests, violations: [...violations] }
}

async function playRound (lane: Lane, seed: number, testCases: number): Promise<string[]> {
  let first: string | undefined
  const property = fc.asyncProperty(testCase, async testCase => {
    const violation = await lane.play(testCase)
    if (violation === undefined) return
    first ??= violation
    // Shrinking starts from an empty schema, because the states of server and model now differ.
    await lane.reset()
    throw new Error(violation)
  })
  const { failed, counterexample, errorInstance } = await fc.check(property, { seed, numRuns: testCases })
  const violations: string[] = []
  if (failed && counterexample !== null) {
    const smallest = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
    violations.push([...first === smallest ? [] : [`${first ?? ''}; after shrinking:`], smallest, describe(counterexample[0])].join('\n  '))
  }
  const stored = failed ? undefined : await lane.findStoredViolation()
  if (stored !== undefined) violations.push(stored)
  await lane.reset()
  return violations
}

function laneSeed (seed: number, round: number, lane: number): number {
  return (seed * 1_000_003 + round * 101 + lane) | 0
}

function describe (testCase: TestCase): string {
  return [testCase.kind, ...linesOf(testCase)].join('\n  ')
}

function linesOf (testCase: TestCase): string[] {
  switch (testCase.kind) {
    case 'broken': return [replayOf(testCase.bytes)]
    case 'pipelined': return testCase.requests.map(request => replayOf(bytesOf(request)))
    case 'story': return testCase.steps.map(step => step.kind === 'undo' ? JSON.stringify(step) : replayOf(bytesOf(step.request)))
    default: return [replayOf(bytesOf(testCase.request))]
  }
}

/** Returns the health of the server process once it has noticed that its clients have disconnected. */
async function idleHealth (host: Host) {
  for (let attempt = 0; ; attempt++) {
    const health = await host.health()
    if ((health.inUse === 0 && health.waiting === 0) || attempt === MAX_HEALTH_CHECKS) return health
    await sleep(HEALTH_INTERVAL_MS)
  }
}

function megabytes (bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
