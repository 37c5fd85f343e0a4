import t from 'tap'
import { call, demoHost, ownPoolHost, type TestHost } from '../support/host.js'
import { openSession } from '../support/session.js'
import { until } from '../support/until.js'

t.jobs = 4

const NUMBERS = { start: '50', end: '59', class: 1, ingroup: 1 }
const BUSY = { code: 'TELCO_NUMBERS_DATABASE_BUSY', statusCode: 503 }
const UNAVAILABLE = { responses: [{ code: '503', key: '', message: String }] }

/** Terminates the connections of the plugin, as a server does that shuts down; returns their number. */
async function terminateConnections ({ sql, schema }: TestHost): Promise<number> {
  const ended = await sql('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [schema])
  await until(async () => (await sql('select from pg_stat_activity where application_name = $1', [schema])).length === 0)
  return ended.length
}

t.test('reports a busy database if another session holds a lock for longer than lockTimeout', async t => {
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

t.test('reports a busy database if a statement runs for longer than statementTimeout', async t => {
  const { app, sql } = await demoHost(t, { statementTimeout: 3_000 })
  await sql('create function wait() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return null; end $$')
  await sql('create trigger wait after insert on numbers for each statement execute function wait()')
  await t.rejects(app.telcoNumbers.create(NUMBERS), BUSY)
  await sql('drop trigger wait on numbers')
  t.match(await app.telcoNumbers.create(NUMBERS), { count: 10 })
})

t.test('replies 503 if a connection is lost during a load, and completes the next call', async t => {
  const host = await ownPoolHost(t)
  const other = await openSession(t, host)
  await other.query('begin; lock table numbers')
  const lost = call(host.app, NUMBERS)
  await other.waitedFor()
  await terminateConnections(host)
  t.match(await lost, UNAVAILABLE)
  await other.query('rollback')
  t.strictSame(await host.sql('select from loads'), [])
  t.strictSame((await call(host.app, NUMBERS)).data, { count: 10 })
})

t.test('replaces connections that are lost while idle', async t => {
  const host = await ownPoolHost(t)
  for (let round = 1; round <= 20; round++) {
    t.strictSame((await call(host.app, { start: round, class: 1, ingroup: 1 })).data, { count: 1 })
    t.not(await terminateConnections(host), 0)
  }
})
