import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { migrate, scriptMigrations, assertVersion } from '../lib/migrate.js'
import { MIGRATIONS } from '../lib/sql/texts.js'
import { seedDemoData } from '../lib/server/demo-data.js'
import { DATABASE_URL, emptySchema, type TestSchema } from './support/host.js'

t.jobs = 3

/** Returns everything that the catalogs contain about the schema, without its name. */
async function catalogOf ({ sql, schema }: TestSchema): Promise<string[]> {
  const rows = await sql<{ description: string }>(`
    with relation as (select * from pg_class where relnamespace = $1::regnamespace)
    select format('%s %s %s', relkind, relname, obj_description(oid, 'pg_class')) as description from relation
    union all
    select format('column %s %s %s %s %s %s %s %s %s', relname, attnum, attname, format_type(atttypid, atttypmod), attcollation,
        attnotnull, attidentity, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum))
      from pg_attribute join relation on relation.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attnum > 0 and relkind = 'r'
    union all
    select format('constraint %s %s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
      from pg_constraint join relation on relation.oid = conrelid
    union all
    select pg_get_indexdef(indexrelid) from pg_index join relation on relation.oid = indexrelid
    union all
    select pg_get_triggerdef(pg_trigger.oid) from pg_trigger join relation on relation.oid = tgrelid where not tgisinternal
    union all
    select format('%s %s', pg_get_functiondef(oid), proacl) from pg_proc where pronamespace = $1::regnamespace
    union all
    select format('version %s %s', version, name) from telco_numbers_migrations
    order by description`, [schema])
  return rows.map(({ description }) => description.replaceAll(schema, 'schema'))
}

/** Runs a script as a client without this package does. */
async function runPlain (script: string, options = ''): Promise<void> {
  const client = new pg.Client({ connectionString: DATABASE_URL, options })
  await client.connect()
  try {
    await client.query(script)
  } finally {
    await client.end()
  }
}

async function migratedSchema (t: Test): Promise<TestSchema> {
  const database = await emptySchema(t)
  await migrate(database.pool, database.schema)
  return database
}

t.test('prints a script that creates the same schema as migrate', async t => {
  const database = await emptySchema(t)
  const { pool, schema, sql } = database
  const { pending, sql: script } = await scriptMigrations(pool, schema)
  t.strictSame(pending, MIGRATIONS.map(({ name }) => name))
  t.strictSame(await sql('select from pg_namespace where nspname = $1', [schema]), [], 'nothing is changed')
  await runPlain(script)
  const catalog = await catalogOf(database)
  t.strictSame(catalog, await catalogOf(await migratedSchema(t)))
  t.ok(catalog.length > 50)
  await t.resolves(assertVersion(pool, schema))
  t.strictSame(await migrate(pool, schema), [])
  t.equal(await seedDemoData(pool, schema), true)
  t.strictSame(await scriptMigrations(pool, schema), {
    pending: [], sql: `-- Schema "${schema}" is at version ${pending.length}: there is nothing to do.`
  })
  await t.resolves(runPlain((await scriptMigrations(pool, schema)).sql))
})

t.test('does not create a schema that exists, so a restricted administrator can run the script', async t => {
  const { pool, schema } = await emptySchema(t)
  const role = `telco_${randomBytes(4).toString('hex')}`
  await pool.query(`create role ${role}; create schema ${schema}; grant usage, create on schema ${schema} to ${role}`)
  t.teardown(() => pool.query(`set client_min_messages = warning; drop owned by ${role} cascade; drop role ${role}`))
  const { sql: script } = await scriptMigrations(pool, schema)
  t.notMatch(script, 'create schema')
  await runPlain(script, `-c role=${role}`)
  await t.resolves(assertVersion(pool, schema))
})

t.test('quotes a name with special characters wherever it occurs', async t => {
  const { pool } = await emptySchema(t)
  for (const name of ['a "quoted"\n\'name\' $$ \\', ':"schema"']) {
    const schema = `${randomBytes(4).toString('hex')} ${name}`
    t.teardown(() => pool.query(`set client_min_messages = warning; drop schema if exists ${pg.escapeIdentifier(schema)} cascade`))
    await runPlain((await scriptMigrations(pool, schema)).sql)
    await t.resolves(assertVersion(pool, schema), name)
  }
})

t.test('prints a script that changes nothing if it is out of date', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  const { sql: script } = await scriptMigrations(pool, schema)
  await pool.query(`create schema ${schema}`)
  const { sql: another } = await scriptMigrations(pool, schema)
  await t.rejects(runPlain(script), { code: '42P06' }, 'the schema exists by now')
  await migrate(pool, schema)
  await t.rejects(runPlain(another), { code: '23505', table: 'telco_numbers_migrations' }, 'the schema is migrated by now')
  t.strictSame(await sql('select from roles'), [])
})

t.test('prints a script that takes the same lock as migrate', async t => {
  const { pool, schema } = await emptySchema(t)
  const { sql: script } = await scriptMigrations(pool, schema)
  const other = await pool.connect()
  t.teardown(() => { other.release(true) })
  await other.query(`begin; select pg_advisory_xact_lock(hashtextextended('fastify-telco-numbers ${schema}', 0))`)
  await t.rejects(runPlain(script), { code: '55P03' })
})

t.test('prints nothing for a schema newer than the code', async t => {
  const { pool, schema, sql } = await migratedSchema(t)
  await sql(`insert into telco_numbers_migrations (version, name) values (1000, '1000-later.sql')`)
  await t.rejects(scriptMigrations(pool, schema), { code: 'TELCO_NUMBERS_SCHEMA_VERSION', message: /version 1000, newer/ })
})
