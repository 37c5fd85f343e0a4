import { setTimeout as sleep } from 'node:timers/promises'
import type { HistoryRow } from '../checker/history.js'
import { Random } from '../harness/random.js'
import { loadOf, NumberBlock } from '../harness/range.js'
import { Server } from '../harness/server.js'
import { createTables, type Tables } from '../harness/tables.js'
import type { Context, ScenarioResult } from '../scenario.js'

const CLIENTS = 16

/** Count of loads that each client sends in a round. */
const WAVES = 3

/** The maximum of numbers that two neighbouring clients share: many loads end within the time for a lock. */
const MAX_COUNT = 2_000

const MAX_START_DELAY_MS = 10

/** Maximum share of loads that get a 503 after they have waited for others, and maximum time until then. */
const MAX_BUSY_SHARE = 0.02
const MAX_BUSY_MS = 6_000

interface Kind {
  readonly name: string
  readonly tables: Tables
  readonly servers: readonly [Server, Server]
}

/**
 * Runs loads whose numbers overlap in one order and whose aliases overlap in the opposite order, so that each could wait for
 * another, on one table and on partitions.
 */
export async function crossing (context: Context): Promise<ScenarioResult> {
  const { seed, log } = context
  const violations: string[] = []
  let rounds = 0
  const kinds: Kind[] = []
  try {
    for (const name of ['one_table', 'partitions']) kinds.push(await startKind(context, name))
    for (; context.hasTimeFor(rounds); rounds++) {
      const kind = kinds[rounds % kinds.length]
      if (kind === undefined) break
      const found = await playRound(context, kind, new Random(seed, 'crossing', rounds), rounds)
      if (found.length > 0) log(`crossing ${rounds}: ${kind.name}: ${found.length} violations`)
      violations.push(...found.map(violation => `crossing ${rounds}: ${kind.name}: ${violation}`))
    }
    for (const { name, tables } of kinds) violations.push(...busyReplies(tables.history.rows()).map(each => `crossing: ${name}: ${each}`))
  } finally {
    for (const { tables, servers } of kinds) {
      for (const server of servers) await server.stop()
      await tables.drop()
    }
  }
  return { rounds, faults: 0, requests: kinds.reduce((sum, { tables }) => sum + tables.history.requests, 0), violations }
}

async function startKind ({ postgres }: Context, name: string): Promise<Kind> {
  const tables = await createTables(postgres, `crossing_${name}`, name === 'partitions')
  const start = async (index: number): Promise<Server> => (
    await Server.start(`crossing-${name}-${index}`, tables.url, `${postgres.directory}/crossing-${name}-${index}.log`))
  return { name, tables, servers: [await start(1), await start(2)] }
}

async function playRound (context: Context, { tables, servers }: Kind, random: Random, round: number): Promise<string[]> {
  const block = new NumberBlock(random, round)
  const step = random.size(Math.min(MAX_COUNT, context.maxCount))
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    for (let wave = 0; wave < WAVES; wave++) {
      await sleep(random.integer(0, MAX_START_DELAY_MS))
      // Neighbours share half of their numbers, and half of their aliases in the opposite order.
      const first = (wave * (CLIENTS + 1) + client) * step
      const alias = (wave * (CLIENTS + 1) + CLIENTS - 1 - client) * step
      const server = servers[client % 2 === 0 ? 0 : 1]
      await tables.caller.create(server, loadOf(block, first, step * 2, { alias: block.aliasAt(alias) }))
    }
  }))
  return [...await tables.check(), ...servers.flatMap(server => server.takeUnexpectedExits())]
}

function busyReplies (rows: readonly HistoryRow[]): string[] {
  const busy = rows.filter(({ status }) => status === 503)
  const late = busy.filter(({ milliseconds }) => milliseconds > MAX_BUSY_MS)
  return [
    ...late.map(({ id, milliseconds }) => `request ${id} got 503 after ${Math.round(milliseconds)} ms`),
    ...busy.length > rows.length * MAX_BUSY_SHARE ? [`${busy.length} of ${rows.length} requests got 503`] : []
  ]
}
