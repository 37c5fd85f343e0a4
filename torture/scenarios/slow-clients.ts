import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../harness/random.js'
import { anyLoad, NumberBlock } from '../harness/range.js'
import { SlowClients } from '../harness/slow-clients.js'
import { Standalone } from '../harness/standalone.js'
import { createTables, type Tables } from '../harness/tables.js'
import type { Context, ScenarioResult } from '../scenario.js'

const SLOW_CLIENTS = 2_000

/** The maximum counts of the loads of each good client. */
const GOOD_CLIENTS = [1, 1, 100, 100, 5_000]

const CLIENT_SPACING = 10_000_000

/** How long the slow clients stay after the last has connected, and how often each sends a byte meanwhile. */
const STAY_MS = 3_000
const DRIP_MS = 500

/** A stop that waits for no client takes a moment. */
const MAX_STOP_MS = 10_000

/**
 * Runs good clients beside 2,000 connections that never send a complete request, and stops the server while these are connected.
 */
export async function slowClients (context: Context): Promise<ScenarioResult> {
  const { postgres, seed, log } = context
  const tables = await createTables(postgres, 'slow_clients')
  const violations: string[] = []
  let [rounds, faults] = [0, 0]
  try {
    for (; context.hasTimeFor(rounds); rounds++) {
      const server = new Standalone('slow-clients', { DATABASE_URL: tables.url, TRUST_PROXY: 'true' })
      const slow = new SlowClients()
      const found: string[] = []
      try {
        found.push(...await playRound(tables, server, slow, new Random(seed, 'slow-clients', rounds), rounds))
      } finally {
        slow.close()
        await server.stop()
      }
      faults += SLOW_CLIENTS
      log(`slow-clients ${rounds}: ${tables.history.requests} requests${found.length > 0 ? `: ${found.length} violations` : ''}`)
      violations.push(...found.map(violation => `slow-clients ${rounds}: ${violation}`))
    }
  } finally {
    await tables.drop()
  }
  return { rounds, faults, requests: tables.history.requests, violations }
}

async function playRound (
  { caller, check }: Tables, server: Standalone, slow: SlowClients, random: Random, round: number
): Promise<string[]> {
  if (!await server.listens()) return [`the server ended: ${server.output}`]
  const block = new NumberBlock(random, round)
  const violations: string[] = []
  let isRunning = true
  const clients = GOOD_CLIENTS.map(async (maxCount, client) => {
    for (let offset = client * CLIENT_SPACING; isRunning; offset += maxCount) {
      const outcome = await caller.create(server, anyLoad(random, block, offset, random.integer(1, maxCount)))
      const result = outcome.kind === 'reply' ? outcome.status : outcome.kind
      if (result !== 200) violations.push(`a good client got ${result}`)
    }
  })
  await slow.open(server.origin, SLOW_CLIENTS)
  for (let stayed = 0; stayed < STAY_MS; stayed += DRIP_MS) {
    await sleep(DRIP_MS)
    slow.drip()
  }
  isRunning = false
  await Promise.all(clients)
  if (slow.connected === 0) violations.push('no slow client was connected')
  const stopping = performance.now()
  server.signal('SIGTERM')
  const code = await server.ended
  const duration = performance.now() - stopping
  if (code !== 0) violations.push(`the server ended with ${code ?? 'nothing'}: ${server.output}`)
  if (duration > MAX_STOP_MS) violations.push(`the stop took ${Math.round(duration)} ms`)
  return [...violations, ...await check()]
}
