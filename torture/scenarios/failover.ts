import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, type StartBalances } from '../checker/check.js'
import { History } from '../checker/history.js'
import { Address } from '../harness/address.js'
import { Caller } from '../harness/caller.js'
import { Postgres } from '../harness/postgres.js'
import { Random } from '../harness/random.js'
import { anyLoad, loadOf, NumberBlock } from '../harness/range.js'
import { Server } from '../harness/server.js'
import { emptyTables, makeTables, SCHEMA } from '../harness/tables.js'
import { until } from '../harness/until.js'
import type { Context, ScenarioResult } from '../scenario.js'

/** The maximum counts of the loads of each client. */
const CLIENTS = [1, 1, 100, 100, 20_000]

/** The distance between the numbers of two clients. */
const CLIENT_SPACING = 10_000_000

/** Maximum time for which the clients call before the primary is killed. */
const MAX_BEFORE_KILL_MS = 2_000

/** A call must succeed within this time after the promotion. */
const MAX_OUTAGE_MS = 5_000

interface Cluster {
  readonly history: History
  readonly caller: Caller
  readonly server: Server
  readonly address: Address
  readonly startBalances: StartBalances
  primary: Postgres
}

/**
 * Kills the primary of a synchronous standby while single, large and charged loads and undos run, promotes the standby and moves
 * the address. Everything that a 200 reported must exist there.
 */
export async function failover (context: Context): Promise<ScenarioResult> {
  const { postgres: { directory }, seed, log } = context
  const directoryOf = (round: number): string => `${directory}-failover-${round}`
  const primary = await Postgres.start(directoryOf(0))
  await makeTables(primary)
  const history = new History()
  const caller = new Caller(history)
  const address = await Address.open(primary.url)
  const startBalances = await emptyTables(primary)
  const server = await Server.start('failover', address.urlFor(primary.url), `${directory}/failover.log`)
  const cluster: Cluster = { history, caller, server, address, startBalances, primary }
  const violations: string[] = []
  let rounds = 0
  try {
    for (; context.hasTimeFor(rounds); rounds++) {
      const { found, outage } = await playRound(cluster, new Random(seed, 'failover', rounds), rounds, directoryOf(rounds + 1))
      log(`failover ${rounds}: ${Math.round(outage)} ms without a success after the promotion${found.length > 0 ? `: ${found.length} violations` : ''}`)
      violations.push(...found.map(violation => `failover ${rounds}: ${violation}`))
      await rm(directoryOf(rounds), { recursive: true, force: true })
    }
  } finally {
    await server.stop()
    await caller.close()
    address.close()
    await cluster.primary.stop()
    await rm(cluster.primary.directory, { recursive: true, force: true })
  }
  return { rounds, faults: rounds, requests: history.requests, violations }
}

async function playRound (
  cluster: Cluster, random: Random, round: number, directory: string
): Promise<{ readonly found: string[], readonly outage: number }> {
  const { history, caller, server, address, primary, startBalances } = cluster
  const standby = await Postgres.follow(primary, directory)
  await primary.waitForStandby()
  const block = new NumberBlock(random, round)
  let isRunning = true
  const clients = CLIENTS.map(async (maxCount, client) => {
    for (let offset = client * CLIENT_SPACING; isRunning; offset += maxCount) {
      const outcome = await caller.create(server, anyLoad(random, block, offset, random.integer(1, maxCount)))
      if (outcome.kind !== 'reply' || outcome.status >= 500) await sleep(20)
    }
  })
  const undos = undoSome(cluster, () => isRunning)

  const outage = await primary.session(async sql => {
    await sleep(random.integer(MAX_BEFORE_KILL_MS / 4, MAX_BEFORE_KILL_MS))
    const endFault = history.beginFault({ server: null, isDatabase: true, isUnnamed: false })
    await primary.kill(sql)
    await standby.promote()
    const begin = performance.now()
    address.moveTo(standby.url)
    cluster.primary = standby
    await until('a load succeeds after the promotion', async () => {
      const outcome = await caller.validate(server, loadOf(block, CLIENTS.length * CLIENT_SPACING, 1))
      return outcome.kind === 'reply' && outcome.status === 201
    })
    const duration = performance.now() - begin
    isRunning = false
    await Promise.all([...clients, undos])
    endFault()
    return duration
  })
  const found = await standby.session(async sql => {
    await sql('begin')
    return await check(sql, SCHEMA, history.rows(), startBalances)
  })
  if (outage > MAX_OUTAGE_MS) found.push(`recovery: no call succeeded within ${MAX_OUTAGE_MS} ms of the promotion`)
  return { found: [...found, ...server.takeUnexpectedExits()], outage }
}

/** Undoes loads one after the other, the oldest first. */
async function undoSome ({ caller, server, primary }: Cluster, isRunning: () => boolean): Promise<void> {
  const loads = await primary.session(sql => sql<{ id: string }>(
    `select id from ${SCHEMA}.loads where undone_at is null order by id limit 50`))
  for (const { id } of loads) {
    if (!isRunning()) return
    await caller.undo(server, id)
    await sleep(50)
  }
}
