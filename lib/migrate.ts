import pg from 'pg'
import type { Pool } from 'pg'
import type { TimeLimits } from './database/connection.js'
import { Database, type Query } from './database/database.js'
import { SQLSTATE, sqlStateOf } from './database/sqlstate.js'
import { inSchema } from './database/statement.js'
import { DatabaseBusyError, DatabaseUnfitError, messageOf, SchemaVersionError } from './errors.js'
import {
  ATTRIBUTES, COMMON_DEFINITIONS, LOAD_COLUMNS, LOAD_VALUES, OWN_DEFINITIONS, REFERENCES_OF_VALUES_HOLD, referencesHold
} from './repository/columns.js'
import { CHARGE, LOCK_PAYERS, PAYERS } from './repository/charges.js'
import { INSERTED_NUMBER, LOAD_PARAMETERS } from './repository/insert-load.js'
import { findObstacles } from './repository/findings.js'
import { fingerprintOf } from './repository/people.js'
import { PLACES } from './repository/range-sql.js'
import { RANGES_OF_RECORDS } from './repository/records.js'
import { walkedRange } from './repository/walked-range.js'
import { MIGRATIONS } from './sql/texts.js'

/** A numbered file of `sql/`; its position in the list, counted from 1, is its version. */
interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

/** The effect of {@link migrate}. */
export interface MigrationScript {
  /** The names of the migrations that would be applied. */
  readonly pending: readonly string[]
  /** SQL for any client that has the same effect, in one transaction. */
  readonly sql: string
}

// Well below Fastify's time limit for the start of a plugin.
const LIMITS = { lockTimeout: 3_000, statementTimeout: 60_000 }

const CREATE_VERSIONS = `create table if not exists :"schema".telco_numbers_migrations (
  version integer primary key,
  name text not null,
  applied_at timestamptz not null default now()
);`

const OTHER_SCHEMAS = `
  select nspname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where relname = 'telco_numbers_migrations' and nspname <> :schema
  order by nspname limit 10`

/** Fragments that a migration takes from the statements of `repository/`, so that no SQL is written twice. */
const FRAGMENTS: Readonly<Record<string, string>> = {
  ':load_columns': LOAD_COLUMNS,
  ':common_definitions': COMMON_DEFINITIONS,
  ':own_definitions': OWN_DEFINITIONS,
  ':attributes': ATTRIBUTES,
  ':references_hold': inFunction(referencesHold(attribute => `common.${attribute}`)),
  ':load_values': inFunction(LOAD_VALUES),
  ':references_of_values_hold': inFunction(REFERENCES_OF_VALUES_HOLD),
  ':walked_numbers': inFunction(walkedRange('number')),
  ':walked_aliases': inFunction(walkedRange('alias')),
  ':inserted_number': inFunction(INSERTED_NUMBER),
  ':places': inFunction(PLACES),
  ':load_parameters': LOAD_PARAMETERS.map(({ name, type }) => `given_${name} ${type}`).join(', '),
  ':ranges_of_records': inFunction(RANGES_OF_RECORDS),
  ':fingerprint_of_given': fingerprintOf('given_person'),
  ':fingerprint_of_common': fingerprintOf('common.person'),
  ':payers': inFunction(PAYERS),
  ':lock_payers': inFunction(LOCK_PAYERS),
  ':charge': inFunction(CHARGE)
}

const FRAGMENT = new RegExp(`(${Object.keys(FRAGMENTS).join('|')})\\b`, 'g')

const ALL: readonly Migration[] = MIGRATIONS.map(({ name, sql }, index) => ({
  version: index + 1,
  name,
  sql: sql.replace(FRAGMENT, fragment => String(FRAGMENTS[fragment]))
}))

/** The SQL of all migrations, in which `:"schema"` is the schema, for psql. */
export const SCHEMA_SQL = ALL.map(({ sql }) => sql).join('\n')

/**
 * Updates the schema to the version of this code, and returns the names of the migrations that this call applied. Several
 * processes may call it at the same time: one of them migrates.
 * @throws SchemaVersionError for a schema newer than this code, DatabaseBusyError if another process migrates for long,
 * DatabaseUnfitError if its tables cannot be read or the role may not migrate them
 */
export async function migrate (pool: Pool, schema: string): Promise<string[]> {
  const database = new Database({ pool, schema, limits: LIMITS })
  const version = await database.snapshot(query => readVersion(query, schema))
  if (pendingAfter(version, schema).length === 0) return []
  try {
    return await database.transaction(query => apply(query, schema))
  } catch (error) {
    if (sqlStateOf(error) === SQLSTATE.insufficientPrivilege) {
      throw new DatabaseUnfitError([{
        message: `the role may not migrate schema "${schema}": ${messageOf(error)}`,
        remedy: 'fastify-telco-numbers migrate, as the owner of the tables'
      }])
    }
    if (!(error instanceof DatabaseBusyError)) throw error
    // If many processes start together, the last ones wait for all others, long after the first has migrated.
    if (pendingAfter(await database.snapshot(query => readVersion(query, schema)), schema).length === 0) return []
    throw new DatabaseBusyError(
      `cannot migrate schema "${schema}": another session has held its lock for more than ${LIMITS.lockTimeout} ms`,
      { cause: error })
  }
}

/**
 * Returns the SQL of the migrations that {@link migrate} would apply now, and changes nothing. If the schema is migrated in the
 * meantime, the SQL fails at the row of its first version.
 * @throws SchemaVersionError for a schema newer than this code
 */
export async function scriptMigrations (pool: Pool, schema: string): Promise<MigrationScript> {
  return await new Database({ pool, schema, limits: LIMITS }).snapshot(async query => {
    const version = await readVersion(query, schema)
    const pending = pendingAfter(version, schema)
    // As JSON, the name has no line break that would end the comment.
    const name = JSON.stringify(schema)
    if (pending.length === 0) return { pending: [], sql: `-- Schema ${name} is at version ${version}: there is nothing to do.` }
    return {
      pending: pending.map(migration => migration.name),
      sql: [
        `-- Migrates schema ${name} from version ${version} to ${ALL.length}. The role that runs this owns the tables.`,
        'begin isolation level read committed read write;',
        `set local lock_timeout = ${LIMITS.lockTimeout};`,
        `select pg_advisory_xact_lock(hashtextextended(${pg.escapeLiteral(lockName(schema))}, 0));`,
        ...statementsFor(await schemaExists(query, schema), pending).map(statement => inSchema(schema, statement)),
        'commit;'
      ].join('\n\n')
    }
  })
}

/**
 * Checks that the schema has the version of this code. Changes nothing.
 * @throws SchemaVersionError if it has another, or does not exist; DatabaseUnfitError if its tables cannot be read
 */
export async function assertVersion (pool: Pool, schema: string, limits: TimeLimits = LIMITS): Promise<void> {
  const { version, others } = await new Database({ pool, schema, limits }).snapshot(async query => {
    const version = await readVersion(query, schema)
    return { version, others: version > 0 ? [] : (await query<{ name: string }>(OTHER_SCHEMAS, { schema })).rows }
  })
  const pending = pendingAfter(version, schema)
  if (pending.length === 0) return
  // With a misspelt name, a migration would create a new schema.
  const names = others.map(({ name }) => `"${name}"`).join(', ')
  const question = others.slice(0, 1).map(() => `is its name right? The tables are in ${names} as well. If it is, `).join('')
  throw new SchemaVersionError(
    `schema "${schema}" is at version ${version}, this code needs ${version + pending.length}: ${question}` +
    'register the plugin with migrate: true once, or run its migrate command')
}

/**
 * Returns a fragment for the body of a function, whose variables are its values. The search path of the function sets the
 * schema: a name with $$ would end the body.
 */
function inFunction (sql: string): string {
  return sql.replaceAll(':"schema".', '').replace(/(?<!:):([a-z_]+)::/g, 'given_$1::')
}

async function apply (query: Query, schema: string): Promise<string[]> {
  await query('select pg_advisory_xact_lock(hashtextextended(:name, 0))', { name: lockName(schema) })
  const pending = pendingAfter(await readVersion(query, schema), schema)
  for (const statement of statementsFor(await schemaExists(query, schema), pending)) await query(statement)
  return pending.map(migration => migration.name)
}

function lockName (schema: string): string {
  return `fastify-telco-numbers ${schema}`
}

function statementsFor (exists: boolean, pending: readonly Migration[]): string[] {
  return [
    // Not "create schema if not exists", which needs the right to create schemas even if the schema exists.
    ...exists ? [] : ['create schema :"schema";'],
    CREATE_VERSIONS,
    ...pending.flatMap(({ version, name, sql }) => [
      `insert into :"schema".telco_numbers_migrations (version, name) values (${version}, ${pg.escapeLiteral(name)});`, sql
    ])
  ]
}

async function schemaExists (query: Query, schema: string): Promise<boolean> {
  return (await query('select from pg_namespace where nspname = :schema', { schema })).rows.length > 0
}

async function readVersion (query: Query, schema: string): Promise<number> {
  const obstacles = await findObstacles(query, schema)
  if (obstacles.length > 0) throw new DatabaseUnfitError(obstacles)
  const table = await query(`
    select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = :schema and relname = 'telco_numbers_migrations'`, { schema })
  if (table.rows.length === 0) return 0
  const { rows } = await query<{ version: number }>('select version from :"schema".telco_numbers_migrations')
  return Math.max(0, ...rows.map(row => row.version))
}

function pendingAfter (version: number, schema: string): readonly Migration[] {
  const latest = ALL.length
  if (version > latest) {
    throw new SchemaVersionError(
      `schema "${schema}" is at version ${version}, newer than this code, which knows ${latest}: update the package`)
  }
  return ALL.slice(version)
}
