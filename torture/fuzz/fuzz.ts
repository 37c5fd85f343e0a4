import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { findHealthFaults } from './compare/health.js'
import { dropSchema, makeSchema } from './database/lane-schema.js'
import { Lane } from './lane.js'
import { volley, type Volley } from './requests/volleys.js'
import { isAlwaysOk } from './server/host.js'
import { startHost, type Host } from './server/start-host.js'
import { Tally } from './tally.js'
import { bytesOf, replayOf } from './wire/request.js'

export interface FuzzSettings {
  /** The same seed makes the same requests. */
  readonly seed: number
  /** How many at least: a round is played to its end. */
  readonly requests: number
  readonly databaseUrl: string
  readonly log: (line: string) => void
}

/** What a test or a second look takes less of. */
export interface Variation {
  /** The first round, to see a violation again. */
  readonly firstRound: number
  /** Whether there is time for another round after so many. */
  readonly hasTimeFor: (round: number) => boolean
  /** What a lane plays in a round, before what it has stored is compared and forgotten. */
  readonly volleys: number
}

export interface FuzzResult {
  readonly rounds: number
  /** Requests that were broken off, never finished, or no HTTP. */
  readonly faults: number
  readonly requests: number
  readonly violations: string[]
}

const USUAL: Variation = { firstRound: 1, hasTimeFor: () => true, volleys: 250 }

/** Servers that are fuzzed side by side, each with a schema of its own. */
const LANES = 4

const MOST_VIOLATIONS = 10

/** How often a server process that has something to do is asked again, after a moment. */
const PATIENCE = 20

/** Sends requests of all kinds to real servers and compares what comes of them with a model of the contract. */
export async function fuzz (settings: FuzzSettings, variation: Partial<Variation> = {}): Promise<FuzzResult> {
  const { databaseUrl } = settings
  const schemas = Array.from({ length: LANES }, (_, lane) => `telco_numbers_fuzz_${process.pid}_${lane}`)
  const pool = new pg.Pool({ connectionString: databaseUrl })
  // A connection that the server closes while it is being ended is no loss.
  pool.on('error', () => {})
  try {
    await Promise.all(schemas.map(schema => makeSchema(pool, schema)))
    const host = await startHost({ databaseUrl, schemas })
    try {
      return await run({ ...settings, ...USUAL, ...variation }, host, pool, schemas)
    } finally {
      await host.stop()
    }
  } finally {
    for (const schema of schemas) await dropSchema(pool, schema)
    await pool.end()
  }
}

async function run (
  { seed, requests, log, firstRound, hasTimeFor, volleys }: FuzzSettings & Variation,
  host: Host, pool: pg.Pool, schemas: readonly string[]
): Promise<FuzzResult> {
  const tally = new Tally()
  const violations = new Set<string>()
  const { ports } = await host.health()
  const lanes = schemas.map((schema, lane) => (
    new Lane({ schema, port: ports[lane] ?? 0, alwaysOk: isAlwaysOk(lane), pool, tally })))

  let before = await host.health()
  let rounds = 0
  while (tally.requests < requests && violations.size < MOST_VIOLATIONS && (rounds === 0 || hasTimeFor(rounds))) {
    const round = firstRound + rounds
    const found = await Promise.all(lanes.map((lane, index) => playRound(lane, laneSeed(seed, round, index), volleys)))
    for (const [lane, faults] of found.entries()) {
      for (const fault of faults) violations.add(`server ${lane}: ${fault}\n  seen again with --seed ${seed} --round ${round} --requests 1`)
    }
    const health = await idle(host)
    for (const fault of findHealthFaults(before, health)) violations.add(fault)
    // What the first round has loaded and compiled stays.
    if (rounds === 0) before = health
    rounds++
  }
  for (const line of tally.lines()) log(line)
  const { memory } = await host.health()
  log(`memory ${megabytes(before.memory)} MB after the first round, ${megabytes(memory)} MB after the last`)
  return { rounds, faults: tally.faults, requests: tally.requests, violations: [...violations] }
}

async function playRound (lane: Lane, seed: number, volleys: number): Promise<string[]> {
  let first: string | undefined
  const property = fc.asyncProperty(volley, async volley => {
    const fault = await lane.play(volley)
    if (fault === undefined) return
    first ??= fault
    // Smaller ones are tried from nothing, because server and model no longer agree on what is there.
    await lane.reset()
    throw new Error(fault)
  })
  const { failed, counterexample, errorInstance } = await fc.check(property, { seed, numRuns: volleys })
  const faults: string[] = []
  if (failed && counterexample !== null) {
    const smallest = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
    faults.push([...first === smallest ? [] : [`${first ?? ''}; of a smaller request:`], smallest, describe(counterexample[0])].join('\n  '))
  }
  const stored = failed ? undefined : await lane.findStoredFault()
  if (stored !== undefined) faults.push(stored)
  await lane.reset()
  return faults
}

function laneSeed (seed: number, round: number, lane: number): number {
  return (seed * 1_000_003 + round * 101 + lane) | 0
}

function describe (volley: Volley): string {
  const bytes = volley.kind === 'broken' ? [volley.bytes]
    : volley.kind === 'pipelined' ? volley.requests.map(bytesOf)
      : [bytesOf(volley.request)]
  return [volley.kind, ...bytes.map(replayOf)].join('\n  ')
}

/** How the server process is once it has noticed that its clients are gone. */
async function idle (host: Host) {
  for (let attempt = 0; ; attempt++) {
    const health = await host.health()
    if ((health.lent === 0 && health.waiting === 0) || attempt === PATIENCE) return health
    await sleep(50)
  }
}

function megabytes (bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
