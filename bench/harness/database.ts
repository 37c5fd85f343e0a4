import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../lib/migrate.js'
import { seedDemoData } from '../../lib/server/demo-data.js'
import { startEmbeddedPostgres } from '../../lib/server/embedded-postgres.js'

/** The schema of most rows: the plugin's tables with demo data, and the tables of the other candidates. */
export const SCHEMA = 'telco_numbers_bench'

/** The settings of the embedded PostgreSQL: no checkpoint and no vacuum starts during a run. */
const SETTINGS = [
  'shared_buffers=512MB', 'max_wal_size=8GB', 'checkpoint_timeout=1h', 'autovacuum=off', 'max_connections=200'
]

/** The settings that affect the figures. results.md lists them. */
export const REPORTED_SETTINGS = [
  'shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'wal_level', 'wal_compression', 'full_page_writes', 'fsync',
  'synchronous_commit', 'work_mem', 'autovacuum', 'jit', 'data_checksums'
]

const COLUMNS = `
  number text collate "C" primary key, alias text collate "C", class integer not null, ingroup integer not null,
  customer integer, region integer, stype text not null, load bigint not null`

// baseline: the same columns with only the primary key. ordinary: with the usual foreign keys.
const candidates = (schema: string): string => `
  create table ${schema}.baseline (${COLUMNS});
  create table ${schema}.baseline_alias (${COLUMNS});
  create unique index on ${schema}.baseline_alias (alias) where alias is not null;
  create table ${schema}.ordinary (${COLUMNS},
    foreign key (class) references ${schema}.classes, foreign key (ingroup) references ${schema}.ingroups,
    foreign key (customer) references ${schema}.customers, foreign key (region) references ${schema}.regions)`

export interface Database {
  readonly url: string
  readonly isEmbedded: boolean
  stop: () => Promise<void>
}

/** Returns the database of DATABASE_URL, or starts an embedded PostgreSQL 18 for the run. */
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

/** Creates a schema of the benchmark, and drops an existing one first. */
export async function makeSchema (url: string, schema = SCHEMA): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    await dropSchema(pool, schema)
    await migrate(pool, schema)
    await seedDemoData(pool, schema)
    await pool.query(candidates(schema))
  } finally {
    await pool.end()
  }
}

export async function dropSchema (database: pg.Pool | pg.Client, schema = SCHEMA): Promise<void> {
  await database.query(`set client_min_messages = warning; drop schema if exists ${schema} cascade`)
}

/** Empties all tables that a run fills, and writes a checkpoint: the state in which every run starts. */
export async function reset (sql: pg.Client, schema = SCHEMA): Promise<void> {
  const { rows } = await sql.query<{ tables: string }>(`
    select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables from pg_tables
    where schemaname = $1 and tablename in ('numbers', 'number_aliases', 'loads', 'load_range_arrays', 'changes', 'transactions', 'baseline', 'baseline_alias', 'ordinary')`,
  [schema])
  await sql.query(`
    begin;
    alter table ${schema}.loads disable trigger user;
    truncate ${rows[0]?.tables ?? ''} cascade;
    alter table ${schema}.loads enable trigger user;
    commit`)
  await sql.query('checkpoint')
}

/** Fails unless the table has this count of rows: no candidate may be faster because it did less. */
export async function expectRows (sql: pg.Client, table: string, expected: number): Promise<void> {
  const { rows } = await sql.query<{ count: number }>(`select count(*)::integer as count from ${SCHEMA}.${table}`)
  if (rows[0]?.count !== expected) throw new Error(`${table} has ${rows[0]?.count ?? 0} rows, not ${expected}`)
}
