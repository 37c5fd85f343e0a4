import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { migrate } from '../../lib/migrate.js'
import { seedDemoData } from '../../lib/server/demo-data.js'
import { check, type StartBalances } from '../checker/check.js'
import { History } from '../checker/history.js'
import { Caller } from './caller.js'
import type { Postgres, Sql } from './postgres.js'

export const SCHEMA = 'telco'

const PARTITION = new URL('../../lib/sql/partition-numbers.sql', import.meta.url)

/** A database of PostgreSQL. */
export type Database = Pick<Postgres, 'url' | 'session'>

export async function makeTables ({ url }: Database): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    await migrate(pool, SCHEMA)
    await seedDemoData(pool, SCHEMA)
  } finally {
    await pool.end()
  }
}

/** Empties the tables, and gives every customer a balance. */
export async function emptyTables (database: Database): Promise<StartBalances> {
  return await database.session(async sql => {
    await sql(`
      begin;
      set local session_replication_role = replica;
      truncate ${SCHEMA}.numbers, ${SCHEMA}.transactions, ${SCHEMA}.loads, ${SCHEMA}.load_range_arrays,
        ${SCHEMA}.changes, ${SCHEMA}.changed_runs;
      update ${SCHEMA}.customers set balance = 1000 * id + 0.01;
      commit`)
    return await sql<{ customer: number, balance: string }>(`select id as customer, balance from ${SCHEMA}.customers`)
  })
}

/** A database of a scenario, with the history of its requests. */
export interface Tables extends Database {
  readonly history: History
  readonly caller: Caller
  /** Returns all violations. */
  check: () => Promise<string[]>
  drop: () => Promise<void>
}

/** Creates a database with the tables, on the same PostgreSQL. */
export async function createTables (postgres: Postgres, name: string, isPartitioned = false): Promise<Tables> {
  await postgres.session(sql => sql(`create database ${name}`))
  const url = new URL(postgres.url)
  url.pathname = `/${name}`
  const session: Database['session'] = async work => await postgres.session(work, url.href)
  const database = { url: url.href, session }
  await makeTables(database)
  if (isPartitioned) await session(async sql => { await partition(sql) })
  const startBalances = await emptyTables(database)
  const history = new History()
  const caller = new Caller(history)
  return {
    ...database,
    history,
    caller,
    check: async () => await session(async sql => {
      await sql('begin')
      return await check(sql, SCHEMA, history.rows(), startBalances)
    }),
    drop: async () => {
      await caller.close()
      await postgres.session(sql => sql(`drop database ${name} with (force)`))
    }
  }
}

async function partition (sql: Sql): Promise<void> {
  await sql((await readFile(PARTITION, 'utf8')).replaceAll(':"schema"', SCHEMA))
}
