import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import telcoNumbers from '../../lib/index.js'
import { call, DATABASE_URL, demoHost, demoSchema, type TestSchema } from '../helper.js'
import { openSession, until } from '../session.js'

t.jobs = 4

const NUMBERS = { start: '50', end: '59', class: 1, ingroup: 1 }
const BUSY = { code: 'TELCO_NUMBERS_DATABASE_BUSY', statusCode: 503 }
const UNAVAILABLE = { responses: [{ code: '503', key: '', message: String }] }

interface OwnPool extends TestSchema {
  readonly app: FastifyInstance
  /** Ends the connections of the plugin, as a server does that goes down; tells how many there were. */
  readonly endConnections: () => Promise<number>
}

/** A host with the plugin over a pool of its own. */
async function hostWithOwnPool (t: Test): Promise<OwnPool> {
  const database = await demoSchema(t)
  const connectionString = new URL(DATABASE_URL)
  connectionString.searchParams.set('application_name', database.schema)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { connectionString: connectionString.href, schema: database.schema })
  const endConnections = async (): Promise<number> => {
    const ended = await database.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [database.schema])
    await until(async () => (
      (await database.sql('select from pg_stat_activity where application_name = $1', [database.schema])).length === 0))
    return ended.length
  }
  return { ...database, app, endConnections }
}

t.test('a lock that another session holds for longer than lockTimeout makes the database busy', async t => {
  const host = await demoHost(t, { lockTimeout: 200 })
  const other = await openSession(t, host)
  await other.query('begin; lock table numbers')
  await t.rejects(host.app.telcoNumbers.create(NUMBERS), BUSY)
  await t.rejects(host.app.telcoNumbers.create({ ...NUMBERS, validation: true }), BUSY)
  t.match(await call(host.app, NUMBERS), { responses: [{ code: '503', key: '', message: /busy/ }] })
  await other.query('rollback')
  t.strictSame(await host.sql('select from loads'), [])
  t.match(await host.app.telcoNumbers.create(NUMBERS), { count: 10 })
})

t.test('a statement that runs for longer than statementTimeout makes the database busy', async t => {
  const { app, sql } = await demoHost(t, { statementTimeout: 300 })
  await sql('create function wait() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return null; end $$')
  await sql('create trigger wait after insert on numbers for each statement execute function wait()')
  await t.rejects(app.telcoNumbers.create(NUMBERS), BUSY)
  await sql('drop trigger wait on numbers')
  t.match(await app.telcoNumbers.create(NUMBERS), { count: 10 })
})

t.test('a connection that is lost during a load is a 503, and the next call works', async t => {
  const host = await hostWithOwnPool(t)
  const other = await openSession(t, host)
  await other.query('begin; lock table numbers')
  const lost = call(host.app, NUMBERS)
  await other.waitedFor()
  await host.endConnections()
  t.match(await lost, UNAVAILABLE)
  await other.query('rollback')
  t.strictSame(await host.sql('select from loads'), [])
  t.strictSame((await call(host.app, NUMBERS)).data, { count: 10 })
})

t.test('connections that are lost while they are idle are replaced', async t => {
  const { app, endConnections } = await hostWithOwnPool(t)
  for (const start of ['1', '2', '3']) {
    t.strictSame((await call(app, { start, class: 1, ingroup: 1 })).data, { count: 1 })
    t.not(await endConnections(), 0)
  }
})
