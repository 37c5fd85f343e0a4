import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import telcoNumbers from '../../lib/index.js'
import { migrate } from '../../lib/migrate.js'
import { seedDemoData } from '../../lib/server/demo-data.js'
import { call, DATABASE_URL, demoSchema, emptySchema, keysOf, type TestSchema } from '../support/host.js'
import { openProxy } from '../support/proxy.js'

// PgBouncer with pool_mode = transaction assigns a connection to a client for one transaction at a time. So a client must neither
// leave state on a connection nor rely on it. CI also runs this file with a PgBouncer.
const POOLED_URL = process.env.PGBOUNCER_URL ?? DATABASE_URL

const LOAD = { class: 1, ingroup: 1, region: 1, customer: 3, charge_customer: 1 }

/** Makes all kinds of calls to the database, including calls that fail. */
async function useEverything (t: Test, pool: pg.Pool, { schema }: TestSchema, head: number): Promise<void> {
  const app = fastify()
  // A call may wait for a connection until all others are done.
  await app.register(telcoNumbers, { pool, schema, lockTimeout: 60_000 })
  const ranges = Array.from({ length: 5 }, (_, place) => ({ ...LOAD, start: `${head}${place}0000`, end: `${head}${place}1999` }))
  const answers = await Promise.all(ranges.flatMap(range => [
    call(app, range), call(app, range), call(app, { ...LOAD, start: `${range.start}0`, alias: `+${range.start}` }),
    call(app, { ...LOAD, start: '7', validation: 1 }), call(app, { start: '7', class: 9, ingroup: 9 })
  ]))
  t.equal(answers.filter(({ data }) => data?.count === 2000).length, 5, 'each range was added once')
  t.equal(answers.filter(answer => keysOf(answer).includes('start')).length, 5, 'and refused once')
  t.equal(answers.filter(({ data }) => data?.count === 1).length, 5)
  const loads = await app.telcoNumbers.listLoads({ limit: 1000 })
  const own = loads.filter(({ start }) => start.startsWith(String(head)))
  t.equal(own.length, 10)
  await Promise.all(own.map(async ({ id, count }) => {
    t.match(await app.telcoNumbers.undo(id, { dryRun: true }), { count })
    t.match(await app.telcoNumbers.undo(id), { count })
    await t.rejects(app.telcoNumbers.undo(id), { code: 'TELCO_NUMBERS_RECORD_UNDONE' })
    t.match(await app.telcoNumbers.getLoad(id), { undoneAt: Date })
  }))
  await app.close()
}

t.test(`works for several hosts that share the connections of ${process.env.PGBOUNCER_URL === undefined ? 'a server' : 'PgBouncer'}`, async t => {
  const database = await emptySchema(t)
  const pools = [1, 2, 3, 4].map(() => new pg.Pool({ connectionString: POOLED_URL, max: 5 }))
  t.teardown(() => Promise.all(pools.map(pool => pool.end())))
  await Promise.all(pools.map(pool => migrate(pool, database.schema)))
  await seedDemoData(database.pool, database.schema)
  await Promise.all(pools.map((pool, place) => useEverything(t, pool, database, place + 1)))
  t.strictSame(await database.sql('select from numbers'), [])
  t.strictSame(await database.sql('select from customers where balance <> 0'), [])
})

t.test('leaves a connection as it was opened', async t => {
  const database = await demoSchema(t)
  // This pool has one connection, so the next statement sees what the plugin leaves on it.
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 1 })
  t.teardown(() => pool.end())
  const stateOf = async (): Promise<unknown[]> => (await pool.query<Record<string, unknown>>(`
    select pg_backend_pid() as pid,
      array(select name from pg_settings where source = 'session' order by name) as settings,
      array(select name from pg_prepared_statements) as statements,
      array(select name from pg_cursors where is_holdable) as cursors,
      array(select pg_listening_channels()) as channels,
      array(select objid::text from pg_locks where pid = pg_backend_pid() and locktype = 'advisory') as locks,
      pg_my_temp_schema()::integer as "temporarySchema"`)).rows
  const before = await stateOf()
  t.match(before, [{ statements: [], cursors: [], channels: [], locks: [], temporarySchema: 0 }])
  await useEverything(t, pool, database, 1)
  t.strictSame(await stateOf(), before)
})

t.test('opens a connection without any parameter that PgBouncer refuses', async t => {
  const { schema } = await demoSchema(t)
  const proxy = await openProxy(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { connectionString: proxy.url, schema })
  // After its length and the protocol version, the first message alternates names and values.
  const [parameters = ''] = proxy.sent().slice(8).split('\0\0')
  t.strictSame(parameters.split('\0').filter((_, place) => place % 2 === 0).sort(), [
    'application_name', 'client_encoding', 'database', 'user'
  ])
})
