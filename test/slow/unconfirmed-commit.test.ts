import fastify from 'fastify'
import pg from 'pg'
import t from 'tap'
import telcoNumbers from '../../lib/index.js'
import { seedDemoData } from '../../lib/server/demo-data.js'
import { startEmbeddedPostgres } from '../../lib/server/embedded-postgres.js'
import { call } from '../support/host.js'
import { startProgram } from '../support/program.js'
import { dataDirectory } from '../support/server-process.js'
import { until } from '../support/until.js'

const GOOD = { class: 1, ingroup: 1 }

t.setTimeout(300_000)

t.test('a commit whose wait for a synchronous standby is cancelled is a 503 with the reason', async t => {
  const directory = await dataDirectory(t)
  const postgres = await startEmbeddedPostgres(directory)
  const pool = new pg.Pool({ connectionString: postgres.url }).on('error', () => {})
  const app = fastify()
  t.teardown(async () => {
    await app.close()
    await pool.end()
    await postgres.stop()
  })
  await app.register(telcoNumbers, { connectionString: postgres.url })
  await app.ready()
  await seedDemoData(pool, 'telco')
  t.match(await call(app, { ...GOOD, start: '100', end: '199' }), { data: { count: 100 } })
  await pool.query(`alter system set synchronous_standby_names = absent`)
  await pool.query('select pg_reload_conf()')
  await until(async () => (await pool.query(`select from pg_settings where name = 'synchronous_standby_names' and setting <> ''`)).rowCount === 1)

  /** Cancels the wait of the next commit, and returns its outcome. */
  async function cancelled<Result> (outcome: Promise<Result>): Promise<Result | { code: unknown, message: unknown }> {
    const settled = outcome.catch((error: unknown) => error as { code: unknown, message: unknown })
    await until(async () => (
      (await pool.query(`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`)).rowCount === 1))
    return await settled
  }
  const unconfirmed = { code: 'TELCO_NUMBERS_DATABASE_UNAVAILABLE', statusCode: 503, message: /^committed, but no synchronous standby has confirmed it/ }

  t.match(await cancelled(call(app, { ...GOOD, start: '1' })), { responses: [{ code: '503', key: '' }] }, 'one number, in one statement')
  t.match(await cancelled(call(app, { ...GOOD, start: '200', end: '299' })), { responses: [{ code: '503' }] }, 'a range, in a transaction')
  const { telcoNumbers: numbers } = app
  t.match(await cancelled(numbers.create({ ...GOOD, start: '2' })), unconfirmed)
  t.match(await cancelled(numbers.create({ ...GOOD, start: '300', end: '399', customer: 3, charge_customer: true })), unconfirmed)
  t.match(await cancelled(numbers.import('number\n4\n6', GOOD)), unconfirmed)
  t.match(await cancelled(numbers.update({ number: '100', class: 2 })), unconfirmed)
  t.match(await cancelled(numbers.delete({ number: '101' })), unconfirmed)
  const [{ id } = { id: '' }] = (await pool.query<{ id: string }>(`select id from telco.loads where start = '200'`)).rows
  t.match(await cancelled(numbers.undo(id)), unconfirmed)
  const program = startProgram(t, ['create', '--start', '5', '--class', '1', '--ingroup', '1', '--yes'], { DATABASE_URL: postgres.url })
  t.equal(await cancelled(program.ended), 1)
  t.match(program.err(), /committed, but no synchronous standby has confirmed it/)
  t.equal(program.out(), '')

  const interrupted = startProgram(t, ['create', '--start', '7', '--class', '1', '--ingroup', '1', '--yes'], { DATABASE_URL: postgres.url })
  await until(async () => (await pool.query(`select from pg_stat_activity where wait_event = 'SyncRep'`)).rowCount === 1)
  interrupted.child.kill('SIGINT')
  await until(() => interrupted.err() !== '')
  await pool.query('alter system reset synchronous_standby_names')
  await pool.query('select pg_reload_conf()')
  await interrupted.ended
  t.notMatch(interrupted.err(), /nothing was changed/, 'an interruption during the commit does not deny it')

  t.strictSame((await pool.query('select count(*)::integer from telco.numbers')).rows, [{ count: 205 }], 'all of them are committed')
  t.match(await call(app, { ...GOOD, start: '1' }), { responses: [{ key: 'start' }] })
})
