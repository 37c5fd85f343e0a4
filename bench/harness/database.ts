import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../lib/migrate.js'
import { loadDemoData } from '../../lib/server/demo-data.js'
import { startEmbeddedPostgres } from '../../lib/server/embedded-postgres.js'

/** The schema of nearly all rows: the plugin's tables with demo data, and those of the other candidates. */
export const SCHEMA = 'telco_numbers_bench'

/** What the embedded PostgreSQL is started with, so that no checkpoint and no vacuum falls into a run. */
const SETTINGS = [
  'shared_buffers=512MB', 'max_wal_size=8GB', 'checkpoint_timeout=1h', 'autovacuum=off', 'max_connections=200'
]

/** Settings that bear on the figures; results.md lists them. */
export const REPORTED_SETTINGS = [
  'shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'wal_level', 'wal_compression', 'full_page_writes', 'fsync',
  'synchronous_commit', 'work_mem', 'autovacuum', 'jit', 'data_checksums'
]

const COLUMNS = `
  number text collate "C" primary key, alias text collate "C", class integer not null, ingroup integer not null,
  customer integer, region integer, stype text not null, load bigint not null`

// floor: the same columns with nothing but the primary key; ordinary: with the foreign keys that people declare.
const candidates = (schema: string): string => `
  create table ${schema}.floor (${COLUMNS});
  create table ${schema}.floor_alias (${COLUMNS});
  create unique index on ${schema}.floor_alias (alias) where alias is not null;
  create table ${schema}.ordinary (${COLUMNS},
    foreign key (class) references ${schema}.classes, foreign key (ingroup) references ${schema}.ingroups,
    foreign key (customer) references ${schema}.customers, foreign key (region) references ${schema}.regions)`

export interface Database {
  readonly url: string
  readonly isEmbedded: boolean
  stop: () => Promise<void>
}

/** The database of DATABASE_URL, or an embedded PostgreSQL 18 that lives as long as the run. */
export async function startDatabase (url: string | undefined): Promise<Database> {
  if (url !== undefined) return { url, isEmbedded: false, stop: async () => {} }
  const directory = join(tmpdir(), `fastify-telco-numbers-bench-${process.pid}`)
  const postgres = await startEmbeddedPostgres(directory, SETTINGS)
  return {
    url: postgres.url,
    isEmbedded: true,
    stop: async () => {
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    }
  }
}

/** Makes a schema of the benchmark anew. */
export async function makeSchema (url: string, schema = SCHEMA): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    await dropSchema(pool, schema)
    await migrate(pool, schema)
    await loadDemoData(pool, schema)
    await pool.query(candidates(schema))
  } finally {
    await pool.end()
  }
}

export async function dropSchema (database: pg.Pool | pg.Client, schema = SCHEMA): Promise<void> {
  await database.query(`set client_min_messages = warning; drop schema if exists ${schema} cascade`)
}

/** Empties all tables that a run fills, and writes out what is dirty: the state that every run starts from. */
export async function reset (sql: pg.Client): Promise<void> {
  await sql.query(`
    begin;
    alter table ${SCHEMA}.loads disable trigger user;
    truncate ${SCHEMA}.numbers, ${SCHEMA}.loads, ${SCHEMA}.transactions,
      ${SCHEMA}.floor, ${SCHEMA}.floor_alias, ${SCHEMA}.ordinary;
    alter table ${SCHEMA}.loads enable trigger user;
    commit`)
  await sql.query('checkpoint')
}

/** Fails unless the table has so many rows: no candidate is faster for having done less. */
export async function expectRows (sql: pg.Client, table: string, expected: number): Promise<void> {
  const { rows } = await sql.query<{ count: number }>(`select count(*)::integer as count from ${SCHEMA}.${table}`)
  if (rows[0]?.count !== expected) throw new Error(`${table} has ${rows[0]?.count ?? 0} rows, not ${expected}`)
}
