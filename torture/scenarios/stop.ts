import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../checker/history.js'
import { Random } from '../harness/random.js'
import { anyLoad, NumberBlock } from '../harness/range.js'
import { SlowClients } from '../harness/slow-clients.js'
import { Standalone } from '../harness/standalone.js'
import { createTables, SCHEMA, type Tables } from '../harness/tables.js'
import type { Context, ScenarioResult } from '../scenario.js'

/** The maximum counts of the loads of each client. The longest load must end within the server's time for a stop. */
const CLIENTS = [1, 1, 1, 100, 100, 5_000, 100_000, 100_000]

const CLIENT_SPACING = 10_000_000

const SLOW_CLIENTS = 100

const MAX_BEFORE_STOP_MS = 2_500

/** A request that was sent earlier before the stop has arrived, however busy the machine is. */
const ARRIVAL_MS = 2_000

interface TimedOutcome {
  readonly began: number
  readonly outcome: Outcome
}

/**
 * Stops the server by SIGTERM while loads run, and while connections are silent or have sent a part of a request. Running loads
 * end, the server exits with 0, and every reply is correct.
 */
export async function stop (context: Context): Promise<ScenarioResult> {
  const { postgres, seed, log } = context
  const tables = await createTables(postgres, 'stop')
  const violations: string[] = []
  let rounds = 0
  try {
    for (; context.hasTimeFor(rounds); rounds++) {
      const server = new Standalone('stop', { DATABASE_URL: tables.url, TRUST_PROXY: 'true' })
      const slow = new SlowClients()
      try {
        const { found, duration } = await playRound(context, tables, server, slow, new Random(seed, 'stop', rounds), rounds)
        log(`stop ${rounds}: within ${Math.round(duration)} ms${found.length > 0 ? `: ${found.length} violations` : ''}`)
        violations.push(...found.map(violation => `stop ${rounds}: ${violation}`))
      } finally {
        slow.close()
        await server.stop()
      }
    }
  } finally {
    await tables.drop()
  }
  return { rounds, faults: rounds, requests: tables.history.requests, violations }
}

async function playRound (
  { maxCount }: Context, tables: Tables, server: Standalone, slow: SlowClients, random: Random, round: number
): Promise<{ readonly found: string[], readonly duration: number }> {
  if (!await server.listens()) return { found: [`the server ended: ${server.output}`], duration: 0 }
  const { caller, history } = tables
  const block = new NumberBlock(random, round)
  const outcomes: TimedOutcome[] = []
  const clients = CLIENTS.map(async (clientCount, client) => {
    const most = Math.min(clientCount, maxCount)
    for (let offset = client * CLIENT_SPACING; ; offset += most) {
      const began = performance.now()
      const outcome = await caller.create(server, anyLoad(random, block, offset, random.size(most)))
      outcomes.push({ began, outcome })
      if (outcome.kind !== 'reply' || outcome.status !== 200) return
    }
  })
  await slow.open(server.origin, SLOW_CLIENTS)
  await sleep(random.integer(0, MAX_BEFORE_STOP_MS))
  // Meanwhile a new call gets a 503 or no connection.
  const endFault = history.beginFault({ server: server.name, isDatabase: true, isUnnamed: false })
  const signalled = performance.now()
  server.signal('SIGTERM')
  const code = await server.ended
  const duration = performance.now() - signalled
  await Promise.all(clients)
  endFault()
  const cut = outcomes.filter(({ began, outcome }) => outcome.kind !== 'reply' && began < signalled - ARRIVAL_MS)
  const found = [
    ...code === 0 ? [] : [`the server ended with ${code ?? 'nothing'}: ${server.output}`],
    ...cut.length === 0 ? [] : [`${cut.length} running loads got no reply`],
    ...await tables.check(),
    ...await addedByRefused(tables)
  ]
  return { found, duration }
}

/** Returns a violation for each load that exists although its request got a 503 from the stopping server. */
async function addedByRefused ({ history, session }: Tables): Promise<string[]> {
  const sources = history.rows().filter(({ status }) => status === 503).map(({ source }) => source)
  const loads = await session(sql => sql<{ id: string }>(`select id from ${SCHEMA}.loads where source = any ($1)`, [sources]))
  return loads.map(({ id }) => `load ${id} exists, although its request got 503`)
}
