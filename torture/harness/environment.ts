import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../lib/migrate.js'
import { loadDemoData } from '../../lib/server/demo-data.js'
import { check, type StartBalances } from '../checker/check.js'
import { History } from '../checker/history.js'
import { Caller } from './caller.js'
import { APPLICATION, Postgres } from './postgres.js'
import { Server } from './server.js'
import { smallDisk, type SmallDisk } from './small-disk.js'
import { NeverHappened, until } from './until.js'

export const SCHEMA = 'telco'

/** Numbers, and requests, above which the tables are emptied after a check: it would take too long later. */
const MOST_NUMBERS = 200_000
const MOST_REQUESTS = 3_000

/** A PostgreSQL, two servers over it, and what examines them. */
export interface Environment {
  readonly postgres: Postgres
  readonly disk: SmallDisk
  readonly servers: readonly [Server, Server]
  readonly history: History
  readonly caller: Caller
  /** Waits until all is quiet, tells what does not hold, and forgets what need not be kept. */
  check: () => Promise<string[]>
}

/** Starts everything, with its files in `directory`; what has been started is to be stopped in the opposite order. */
export async function startEnvironment (directory: string, started: Array<() => Promise<void>>): Promise<Environment> {
  await mkdir(directory, { recursive: true, mode: 0o755 })
  started.push(() => rm(directory, { recursive: true, force: true }))
  const postgres = await Postgres.start(directory)
  await makeTables(postgres)
  const disk = await smallDisk(postgres)
  started.push(disk.remove, () => postgres.stop())
  const startServer = async (name: string): Promise<Server> => {
    const server = await Server.start(name, postgres.url, join(directory, `${name}.log`))
    started.push(() => server.stop())
    return server
  }
  const servers = await Promise.all([startServer('server-1'), startServer('server-2')])
  const history = new History()
  const caller = new Caller(history)
  started.push(() => caller.close())
  let startBalances = await emptyTables(postgres)

  const examine = async (): Promise<string[]> => {
    const violations = servers.flatMap(server => server.takeComplaints())
    violations.push(...await waitForQuiet(postgres))
    violations.push(...await postgres.session(async sql => {
      await sql('begin')
      return await check(sql, SCHEMA, history.rows(), startBalances)
    }))
    // What was broken once would be told after every round.
    if (violations.length > 0 || await isFull(postgres, history)) {
      startBalances = await emptyTables(postgres)
      history.clear()
    }
    return violations
  }
  return { postgres, disk, servers, history, caller, check: examine }
}

async function makeTables (postgres: Postgres): Promise<void> {
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 })
  try {
    await migrate(pool, SCHEMA)
    await loadDemoData(pool, SCHEMA)
  } finally {
    await pool.end()
  }
}

/** Begins anew, with customers who own something. */
async function emptyTables (postgres: Postgres): Promise<StartBalances> {
  return await postgres.session(async sql => {
    await sql(`
      begin;
      set local session_replication_role = replica;
      truncate ${SCHEMA}.numbers, ${SCHEMA}.transactions, ${SCHEMA}.loads;
      update ${SCHEMA}.customers set balance = 1000 * id + 0.01;
      commit`)
    return await sql<{ customer: number, balance: string }>(`select id as customer, balance from ${SCHEMA}.customers`)
  })
}

/** The transactions of a server that was killed go on until they notice. */
async function waitForQuiet (postgres: Postgres): Promise<string[]> {
  try {
    await until('the last transaction ends', () => postgres.session(async sql => (
      (await sql('select from pg_stat_activity where application_name = $1 and xact_start is not null', [APPLICATION])).length === 0)))
    return []
  } catch (error) {
    if (error instanceof NeverHappened) return [`no transaction stays open: ${error.message}`]
    throw error
  }
}

async function isFull (postgres: Postgres, history: History): Promise<boolean> {
  const [numbers] = await postgres.session(sql => sql<{ count: number }>(`select count(*)::integer as count from ${SCHEMA}.numbers`))
  return (numbers?.count ?? 0) > MOST_NUMBERS || history.rows().length > MOST_REQUESTS
}
