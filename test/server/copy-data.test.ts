import { randomBytes } from 'node:crypto'
import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import telcoNumbers, { check, migrate } from '../../lib/index.js'
import { copyData } from '../../lib/server/copy-data.js'
import { DATABASE_URL, demoSchema, emptySchema, type TestSchema } from '../support/host.js'
import { partitionScript } from '../support/partition-script.js'
import { openSession } from '../support/session.js'
import { until } from '../support/until.js'

t.jobs = 3

const TABLES = [
  'roles', 'roles_access', 'people', 'plans', 'plan_classes', 'customers', 'classes', 'ingroups', 'regions', 'loads', 'load_range_arrays',
  'changes', 'changed_runs', 'transactions', 'login_failures', 'known_sources', 'numbers'
]

/** Creates an empty database for the test. */
async function emptyDatabase (t: Test): Promise<pg.Pool> {
  const { pool } = await emptySchema(t)
  const name = `test_${randomBytes(6).toString('hex')}`
  await pool.query(`create database ${name}`)
  const url = new URL(DATABASE_URL)
  url.pathname = `/${name}`
  const own = new pg.Pool({ connectionString: url.href })
  t.teardown(async () => {
    await own.end()
    await pool.query(`drop database ${name}`)
  })
  return own
}

/** Returns the rows of all tables of a schema, without the transactions that wrote loads. */
async function contentsOf (pool: pg.Pool, schema: string): Promise<Record<string, unknown>> {
  return Object.fromEntries(await Promise.all(TABLES.map(async table => (
    [table, (await pool.query(`select (to_jsonb(contents) - 'xid')::text as contents from ${schema}.${table} as contents order by 1`)).rows] as const))))
}

/** Demo data with two loads, one of them charged and undone. */
async function schemaWithLoads (t: Test): Promise<TestSchema> {
  const database = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: database.pool, schema: database.schema })
  await app.telcoNumbers.create({ start: '0100', end: '0199', alias: '+000', class: 1, ingroup: 1, customer: 3, charge_customer: true })
  await app.telcoNumbers.undo('1')
  await app.telcoNumbers.create({ start: '200', end: '299', alias: '+500', class: 3, ingroup: 1, customer: 3, region: 2 })
  return database
}

t.test('copies the same moments between databases that write dates in different styles', async t => {
  const { schema, sql } = await schemaWithLoads(t)
  await sql(`update loads set created_at = '2026-11-05 01:02:03+00'`)
  const source = new pg.Pool({ connectionString: DATABASE_URL, options: '-c datestyle=SQL,DMY -c timezone=Asia/Kolkata' })
  t.teardown(() => source.end())
  const target = await emptyDatabase(t)
  await copyData(source, target, schema)
  t.match((await target.query(`select distinct created_at = '2026-11-05 01:02:03+00' as same from ${schema}.loads`)).rows, [{ same: true }])
})

t.test('all rows are copied, and later rows get the next identifiers', async t => {
  const { pool, schema } = await schemaWithLoads(t)
  const target = await emptyDatabase(t)
  const copied = await copyData(pool, target, schema)
  t.strictSame(copied.map(({ name }) => name).sort(), [...TABLES].sort())
  t.match(copied.at(-1), { name: 'numbers', count: 100 })
  t.strictSame(await contentsOf(target, schema), await contentsOf(pool, schema))

  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: target, schema })
  t.match(await app.telcoNumbers.create({ start: '5', class: 1, ingroup: 1 }), { id: '3' })
  t.match(await app.telcoNumbers.undo('2'), { count: 100 })
  t.strictSame((await target.query(`insert into ${schema}.regions (name) values ('Asia') returning id`)).rows, [{ id: 3 }])
})

t.test('partitioned numbers are copied as one table', async t => {
  const { pool, schema, sql } = await schemaWithLoads(t)
  const partition = await partitionScript(schema)
  await sql(partition)
  const [whole, partitioned] = [await emptyDatabase(t), await emptyDatabase(t)]
  await migrate(partitioned, schema)
  await partitioned.query(partition)
  for (const target of [whole, partitioned]) {
    t.match((await copyData(pool, target, schema)).at(-1), { name: 'numbers', count: 100 })
    t.strictSame(await contentsOf(target, schema), await contentsOf(pool, schema))
    t.strictSame(await check(target, schema, { references: true }), [])
  }
})

t.test('tables that are not empty are not changed', async t => {
  const { pool, schema } = await schemaWithLoads(t)
  const target = await emptyDatabase(t)
  await copyData(pool, target, schema)
  await target.query(`delete from ${schema}.numbers; delete from ${schema}.roles_access`)
  const before = await contentsOf(target, schema)
  await t.rejects(copyData(pool, target, schema), { message: /the table [a-z]+ in schema .* is not empty/ })
  t.strictSame(await contentsOf(target, schema), before)
})

t.test('a connection lost after the copy does not end the process', async t => {
  const { pool, schema, sql } = await schemaWithLoads(t)
  const target = await emptyDatabase(t)
  await copyData(pool, target, schema)
  const { rows: [backend] } = await target.query<{ pid: number }>('select pg_backend_pid() as pid')
  await sql('select pg_terminate_backend($1)', [backend?.pid])
  await until(() => target.totalCount === 0)
})

t.test('a connection lost during the copy is an error, and nothing is copied', async t => {
  const source = await schemaWithLoads(t)
  const target = await emptyDatabase(t)
  const session = await openSession(t, source)
  await session.query('begin; lock table numbers')
  const copying = copyData(source.pool, target, source.schema)
  copying.catch(() => {})
  const [pid] = await session.waitedFor()
  await source.sql('select pg_terminate_backend($1)', [pid])
  await t.rejects(copying)
  await session.query('rollback')
  t.strictSame((await target.query(`select from ${source.schema}.roles`)).rows, [])
})
