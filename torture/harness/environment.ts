import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { check } from '../checker/check.js'
import { History } from '../checker/history.js'
import { Caller } from './caller.js'
import { APPLICATION, Postgres } from './postgres.js'
import { Server } from './server.js'
import { smallDisk, type SmallDisk } from './small-disk.js'
import { emptyTables, makeTables, SCHEMA } from './tables.js'
import { WaitTimeoutError, until } from './until.js'

/** Above these counts, the tables are emptied after a check, because the next checks would take too long. */
const MAX_NUMBERS = 200_000
const MAX_REQUESTS = 3_000

/** A PostgreSQL, two servers that use it, and the checker. */
export interface Environment {
  readonly postgres: Postgres
  readonly disk: SmallDisk
  readonly servers: readonly [Server, Server]
  readonly history: History
  readonly caller: Caller
  /** Waits until no transaction is open, returns all violations, and empties the tables if they have become large. */
  check: () => Promise<string[]>
}

/** Starts all processes, with their files in `directory`. Adds to `started` what the caller must stop, in reverse order. */
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

  const checkAll = async (): Promise<string[]> => {
    const violations = servers.flatMap(server => server.takeUnexpectedExits())
    violations.push(...await waitForTransactions(postgres))
    violations.push(...await postgres.session(async sql => {
      await sql('begin')
      return await check(sql, SCHEMA, history.rows(), startBalances)
    }))
    // Otherwise the same violation would be reported after every round.
    if (violations.length > 0 || await isFull(postgres, history)) {
      startBalances = await emptyTables(postgres)
      history.clear()
    }
    return violations
  }
  return { postgres, disk, servers, history, caller, check: checkAll }
}

/** Waits for open transactions: those of a killed server continue until PostgreSQL notices that the client is gone. */
async function waitForTransactions (postgres: Postgres): Promise<string[]> {
  try {
    await until('the last transaction ends', () => postgres.session(async sql => (
      (await sql('select from pg_stat_activity where application_name = $1 and xact_start is not null', [APPLICATION])).length === 0)))
    return []
  } catch (error) {
    if (error instanceof WaitTimeoutError) return [`a transaction stays open: ${error.message}`]
    throw error
  }
}

async function isFull (postgres: Postgres, history: History): Promise<boolean> {
  const [numbers] = await postgres.session(sql => sql<{ count: number }>(`select count(*)::integer as count from ${SCHEMA}.numbers`))
  return (numbers?.count ?? 0) > MAX_NUMBERS || history.rows().length > MAX_REQUESTS
}
