import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { DatabaseBusyError, SchemaVersionError } from '../lib/errors.js'
import { migrate as migrateFromHost } from '../lib/index.js'
import { migrate, assertVersion, scriptMigrations } from '../lib/migrate.js'
import { MIGRATIONS } from '../lib/sql/texts.js'
import { seedDemoData } from '../lib/server/demo-data.js'
import { DATABASE_URL, demoSchema, emptySchema } from './support/host.js'
import { openSession } from './support/session.js'

t.jobs = 4

const unique = (): string => randomBytes(4).toString('hex')

t.test('numbers the migrations without a gap', async t => {
  t.not(MIGRATIONS.length, 0)
  for (const [index, { name, sql }] of MIGRATIONS.entries()) {
    t.match(name, new RegExp(`^${String(index + 1).padStart(3, '0')}-[a-z0-9-]+\\.sql$`))
    t.match(sql, ':"schema"')
  }
})

t.test('applies each migration once', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  const names = MIGRATIONS.map(migration => migration.name)
  t.strictSame(await migrate(pool, schema), names)
  t.strictSame(await migrate(pool, schema), [])
  t.strictSame((await sql<{ name: string }>('select name from telco_numbers_migrations order by version')).map(row => row.name), names)
})

t.test('keeps the rows of the tables', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  await migrate(pool, schema)
  t.strictSame(await sql('select count(*)::integer from customers'), [{ count: 4 }])
})

const NAMES = [
  'Upper Case', 'with "quotes" \'n $& $$', ':"schema"', 'ünïcödé', 'select', '1', '%s %I', 'x'.repeat(54), 'back\\slash'
]

for (const name of NAMES) {
  t.test(`migrates a schema with the name ${name}`, async t => {
    const { pool } = await emptySchema(t)
    const schema = `${unique()} ${name}`
    t.teardown(() => pool.query(`set client_min_messages = warning; drop schema if exists ${pg.escapeIdentifier(schema)} cascade`))
    t.not((await migrate(pool, schema)).length, 0)
    t.strictSame(await migrate(pool, schema), [])
    t.equal(await seedDemoData(pool, schema), true)
    const numbers = `${pg.escapeIdentifier(schema)}.numbers`
    const insert = `insert into ${numbers} (number, class, ingroup, stype, load) values ('1', 1, 1, 'number', 1)`
    await t.rejects(pool.query(insert), { code: '23503', column: 'load', schema }, 'its triggers find its tables')
    await t.resolves(assertVersion(pool, schema))
  })
}

t.test('covers a name of 63 bytes, the longest of PostgreSQL', async t => {
  t.equal(Math.max(...NAMES.map(name => Buffer.byteLength(`${unique()} ${name}`))), 63)
})

t.test('applies each migration once if many processes migrate at the same time', async t => {
  const { schema, sql } = await emptySchema(t)
  const pools = Array.from({ length: 20 }, () => new pg.Pool({ connectionString: DATABASE_URL, max: 1 }))
  t.teardown(() => Promise.all(pools.map(pool => pool.end())))
  const applied = await Promise.all(pools.map(pool => migrate(pool, schema)))
  const names = MIGRATIONS.map(migration => migration.name)
  t.strictSame(applied.flat(), names)
  t.strictSame(await sql('select count(*)::integer from telco_numbers_migrations'), [{ count: names.length }])
})

t.test('migrates an existing schema with a role that cannot create schemas', async t => {
  const { schema, pool } = await emptySchema(t)
  const role = `telco_${unique()}`
  await pool.query(`create role ${role}; create schema ${schema}; grant usage, create on schema ${schema} to ${role}`)
  const restricted = new pg.Pool({ connectionString: DATABASE_URL, options: `-c role=${role}`, max: 2 })
  t.teardown(async () => {
    await restricted.end()
    await pool.query(`set client_min_messages = warning; drop owned by ${role} cascade; drop role ${role}`)
  })
  t.not((await migrate(restricted, schema)).length, 0)
  t.equal(await seedDemoData(restricted, schema), true)
  await t.rejects(migrate(restricted, `${schema}_other`), { code: 'TELCO_NUMBERS_DATABASE_UNFIT' }, 'it cannot create another schema')
})

t.test('explains how to migrate if the version is wrong, and changes nothing', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  // The message names schemas of other tests, some of which have line breaks.
  const refusal = { code: 'TELCO_NUMBERS_SCHEMA_VERSION', message: /version 0[^]*migrate: true/ }
  await t.rejects(assertVersion(pool, schema), refusal)
  t.strictSame(await sql('select from pg_namespace where nspname = $1', [schema]), [])
  await pool.query(`create schema ${schema}`)
  await t.rejects(assertVersion(pool, schema), refusal, 'an empty schema')
  await migrate(pool, schema)
  await t.resolves(assertVersion(pool, schema))
})

t.test('refuses a schema newer than the code, with and without migration', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  await sql('insert into telco_numbers_migrations (version, name) values (1000, \'1000-later.sql\')')
  for (const start of [migrate, assertVersion]) {
    const refused: Promise<unknown> = start(pool, schema)
    await t.rejects(refused, { code: 'TELCO_NUMBERS_SCHEMA_VERSION', message: /version 1000, newer/ })
    await t.rejects(refused, SchemaVersionError)
  }
})

t.test('leaves nothing of a migration that fails', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await pool.query(`create schema ${schema}; create table ${schema}.numbers ()`)
  await t.rejects(migrate(pool, schema), { code: '42P07' })
  t.strictSame(
    await sql('select relname from pg_class where relnamespace = $1::regnamespace and relkind = \'r\'', [schema]),
    [{ relname: 'numbers' }])
})

t.test('gives up with a coded error if another migration takes too long', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  const other = await pool.connect()
  t.teardown(() => { other.release(true) })
  await other.query(`begin; select pg_advisory_xact_lock(hashtextextended('fastify-telco-numbers ${schema}', 0))`)
  const refused = migrate(pool, schema)
  await t.rejects(refused, DatabaseBusyError)
  await t.rejects(refused, { statusCode: 503, message: new RegExp(`cannot migrate schema "${schema}": another session`) })
  t.strictSame(await sql('select from pg_namespace where nspname = $1', [schema]), [])
  await other.query('commit')
  t.not((await migrate(pool, schema)).length, 0)
})

t.test('finds the schema migrated after its wait for the lock has timed out, as the last of many processes does', async t => {
  const empty = await emptySchema(t)
  const { pool, schema } = empty
  const { sql } = await scriptMigrations(pool, schema)
  const other = await openSession(t, empty)
  await other.query(`select pg_advisory_lock(hashtextextended('fastify-telco-numbers ${schema}', 0))`)
  const migrated = migrate(pool, schema)
  await other.waitedFor()
  await other.query(sql)
  t.strictSame(await migrated, [])
  await other.query('select pg_advisory_unlock_all()')
})

t.test('lets host code migrate as a step of a deployment, with only a pool of pg', async t => {
  const { pool, schema } = await emptySchema(t)
  t.strictSame(await migrateFromHost(pool, schema), MIGRATIONS.map(({ name }) => name))
  t.strictSame(await migrateFromHost(pool, schema), [])
  // @ts-expect-error not a pool
  await t.rejects(migrateFromHost({}, schema), { code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: /option pool must be/ })
})
