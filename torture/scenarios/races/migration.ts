import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Sql } from '../../harness/postgres.js'
import type { Workload } from './race.js'

const PROCESSES = 20

const COMMAND_LINE = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

interface MigrationResult {
  readonly applied?: readonly string[]
  readonly error?: { readonly code?: string }
}

// Columns, triggers, tables and indexes, to compare two schemas.
const DESCRIBE = `
  select string_agg(object, ', ' order by object) as objects from (
    select format('%s.%s %s', table_name, column_name, data_type) as object from information_schema.columns where table_schema = $1
    union all
    select format('%s on %s', tgname, tgrelid::regclass::text) from pg_trigger join pg_class on pg_class.oid = tgrelid
      where relnamespace = $1::regnamespace and not tgisinternal
    union all
    select format('%s %s', relname, relkind) from pg_class where relnamespace = $1::regnamespace
  ) as described`

/** Migrates the same new schema in several processes: one applies the migrations, and the others find them applied. */
export const migrationByMany: Workload = async ({ context: { postgres }, random }) => {
  const schema = `migrated_${random.integer(0, 999_999)}`
  const outcomes = await Promise.all(Array.from({ length: PROCESSES }, () => migrateIn(postgres.url, schema)))
  const violations: string[] = []
  const appliers = outcomes.filter(({ applied = [] }) => applied.length > 0)
  if (appliers.length !== 1) violations.push(`migration: ${appliers.length} processes applied it`)
  for (const { error } of outcomes) {
    // On a slow machine, a process may hold the lock for longer than the others may wait for it.
    if (error !== undefined && error.code !== 'TELCO_NUMBERS_DATABASE_BUSY') violations.push(`migration failed: ${JSON.stringify(error)}`)
  }
  await postgres.session(async sql => {
    if (await describe(sql, schema) !== await describe(sql, 'telco')) violations.push(`migration: ${schema} differs from telco`)
    await sql(`set client_min_messages = warning; drop schema ${schema} cascade`)
  })
  return violations
}

async function migrateIn (url: string, schema: string): Promise<MigrationResult> {
  const environment = { ...process.env, NODE_OPTIONS: '', DATABASE_URL: url, SCHEMA: schema }
  const run = promisify(execFile)(process.execPath, [COMMAND_LINE, 'migrate', '--json'], { env: environment })
  // The command reports a refusal on standard output as well.
  const { stdout } = await run.catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') return { stdout: error.stdout }
    throw error
  })
  return JSON.parse(stdout) as MigrationResult
}

async function describe (sql: Sql, schema: string): Promise<string | undefined> {
  const [row] = await sql<{ objects: string }>(DESCRIBE, [schema])
  return row?.objects.replaceAll(`${schema}.`, '')
}
