import { readdir, readFile } from 'node:fs/promises'
import type { Pool } from 'pg'
import { inTransaction, type Query } from '../database/client.js'
import { inSchema } from '../database/schema-name.js'
import { DatabaseBusyError, SchemaVersionError } from '../errors.js'

/** One numbered file of this folder. */
interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

// The compiled code stands in dist/migrations; the SQL is read where it was written.
const FOLDER = new URL('../../lib/migrations/', import.meta.url)

// Well inside the time that Fastify gives a plugin to start.
const LIMITS = { lockTimeout: 3_000, statementTimeout: 60_000 }

export async function readMigrations (): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter(name => name.endsWith('.sql')).sort()
  return await Promise.all(names.map(async name => ({
    version: Number.parseInt(name, 10),
    name,
    sql: await readFile(new URL(name, FOLDER), 'utf8')
  })))
}

/**
 * Brings the schema to the version of this code, whichever of several processes comes first,
 * and returns the names of the migrations that this call applied.
 * @throws SchemaVersionError for a schema newer than this code, DatabaseBusyError while another process migrates for long.
 */
export async function migrate (pool: Pool, schema: string): Promise<string[]> {
  const migrations = await readMigrations()
  const version = await inTransaction(pool, LIMITS, query => readVersion(query, schema))
  if (pendingAfter(version, migrations, schema).length === 0) return []
  try {
    return await inTransaction(pool, LIMITS, query => apply(query, schema, migrations))
  } catch (error) {
    if (!(error instanceof DatabaseBusyError)) throw error
    throw new DatabaseBusyError(
      `schema "${schema}" could not be migrated: another session holds its lock for more than ${LIMITS.lockTimeout} ms`,
      { cause: error })
  }
}

/**
 * Checks, changing nothing, that the schema has the version of this code.
 * @throws SchemaVersionError where it has another, or does not exist.
 */
export async function verifyVersion (pool: Pool, schema: string): Promise<void> {
  const migrations = await readMigrations()
  const version = await inTransaction(pool, LIMITS, query => readVersion(query, schema))
  const pending = pendingAfter(version, migrations, schema)
  if (pending.length > 0) {
    throw new SchemaVersionError(
      `schema "${schema}" is at version ${version}, this code needs ${version + pending.length}: ` +
      'register the plugin with migrate: true once, or run its migrate command')
  }
}

async function apply (query: Query, schema: string, migrations: Migration[]): Promise<string[]> {
  await query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`fastify-telco-numbers ${schema}`])
  const pending = pendingAfter(await readVersion(query, schema), migrations, schema)
  // Not "create schema if not exists": that needs the right to create schemas even where the schema is there.
  const { rows } = await query('select from pg_namespace where nspname = $1', [schema])
  if (rows.length === 0) await query(inSchema(schema, 'create schema :"schema"'))
  await query(inSchema(schema, `create table if not exists :"schema".telco_numbers_migrations (
    version integer primary key,
    name text not null,
    applied_at timestamptz not null default now()
  )`))
  for (const { version, name, sql } of pending) {
    await query(inSchema(schema, sql))
    await query(inSchema(schema, 'insert into :"schema".telco_numbers_migrations (version, name) values ($1, $2)'), [version, name])
  }
  return pending.map(migration => migration.name)
}

async function readVersion (query: Query, schema: string): Promise<number> {
  const table = await query(
    'select from pg_class join pg_namespace on pg_namespace.oid = relnamespace where nspname = $1 and relname = $2',
    [schema, 'telco_numbers_migrations'])
  if (table.rows.length === 0) return 0
  const { rows } = await query<{ version: number }>(inSchema(schema, 'select version from :"schema".telco_numbers_migrations'))
  return Math.max(0, ...rows.map(row => row.version))
}

function pendingAfter (version: number, migrations: Migration[], schema: string): Migration[] {
  const latest = migrations.length
  if (version > latest) {
    throw new SchemaVersionError(
      `schema "${schema}" is at version ${version}, newer than this code, which knows ${latest}: update the package`)
  }
  return migrations.slice(version)
}
