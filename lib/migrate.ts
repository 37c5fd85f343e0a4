import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Pool } from 'pg'
import { inSnapshot, inTransaction, type Query, type TimeLimits } from './database/connection.js'
import { inSchema } from './database/schema-name.js'
import { DatabaseBusyError, SchemaVersionError } from './errors.js'

/** One numbered file of this folder. */
interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

// The compiled code stands in dist/migrations; the SQL is read where it was written.
const FOLDER = new URL('../lib/sql/', import.meta.url)

// Well inside the time that Fastify gives a plugin to start.
const LIMITS = { lockTimeout: 3_000, statementTimeout: 60_000 }

const CREATE_VERSIONS = `create table if not exists :"schema".telco_numbers_migrations (
  version integer primary key,
  name text not null,
  applied_at timestamptz not null default now()
);`

/** What {@link migrate} would do. */
export interface MigrationScript {
  /** The names of the migrations that would be applied. */
  readonly pending: readonly string[]
  /** SQL for any client that does the same, in one transaction. */
  readonly sql: string
}

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
 * Writes down what {@link migrate} would do now, and changes nothing. Where the schema has been migrated in
 * the meantime, the SQL fails at the row of its first version.
 * @throws SchemaVersionError for a schema newer than this code
 */
export async function scriptMigrations (pool: Pool, schema: string): Promise<MigrationScript> {
  const migrations = await readMigrations()
  return await inTransaction(pool, LIMITS, async query => {
    const version = await readVersion(query, schema)
    const pending = pendingAfter(version, migrations, schema)
    // As JSON, a name has no line break that would end the comment.
    const name = JSON.stringify(schema)
    if (pending.length === 0) return { pending: [], sql: `-- Schema ${name} is at version ${version}: there is nothing to do.` }
    return {
      pending: pending.map(migration => migration.name),
      sql: [
        `-- Brings schema ${name} from version ${version} to ${migrations.length}. Whoever runs this owns the tables.`,
        'begin isolation level read committed read write;',
        `set local lock_timeout = ${LIMITS.lockTimeout};`,
        lockFor(schema),
        ...statementsFor(schema, await isThere(query, schema), pending),
        'commit;'
      ].join('\n\n')
    }
  })
}

/**
 * Checks, changing nothing, that the schema has the version of this code.
 * @throws SchemaVersionError where it has another, or does not exist.
 */
export async function verifyVersion (pool: Pool, schema: string, limits: TimeLimits = LIMITS): Promise<void> {
  const migrations = await readMigrations()
  const version = await inSnapshot(pool, limits, query => readVersion(query, schema))
  const pending = pendingAfter(version, migrations, schema)
  if (pending.length > 0) {
    throw new SchemaVersionError(
      `schema "${schema}" is at version ${version}, this code needs ${version + pending.length}: ` +
      'register the plugin with migrate: true once, or run its migrate command')
  }
}

async function apply (query: Query, schema: string, migrations: Migration[]): Promise<string[]> {
  await query(lockFor(schema))
  const pending = pendingAfter(await readVersion(query, schema), migrations, schema)
  for (const statement of statementsFor(schema, await isThere(query, schema), pending)) await query(statement)
  return pending.map(migration => migration.name)
}

function lockFor (schema: string): string {
  return `select pg_advisory_xact_lock(hashtextextended(${pg.escapeLiteral(`fastify-telco-numbers ${schema}`)}, 0));`
}

function statementsFor (schema: string, isThere: boolean, pending: Migration[]): string[] {
  return [
    // Not "create schema if not exists": that needs the right to create schemas even where the schema is there.
    ...isThere ? [] : ['create schema :"schema";'],
    CREATE_VERSIONS,
    ...pending.flatMap(({ version, name, sql }) => [
      `insert into :"schema".telco_numbers_migrations (version, name) values (${version}, ${pg.escapeLiteral(name)});`, sql
    ])
  ].map(statement => inSchema(schema, statement))
}

async function isThere (query: Query, schema: string): Promise<boolean> {
  return (await query('select from pg_namespace where nspname = $1', [schema])).rows.length > 0
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
