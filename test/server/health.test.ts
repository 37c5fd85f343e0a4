import t from 'tap'
import { readConfiguration } from '../../lib/config/configuration.js'
import { buildServer } from '../../lib/server/server.js'
import { openProxy } from '../support/proxy.js'
import { demoSchema } from '../support/host.js'
import { openSession } from '../support/session.js'
import { until } from '../support/until.js'
import { serve } from '../support/server.js'

t.jobs = 2

t.test('the server is ready while the database answers, and always alive', async t => {
  const proxy = await openProxy(t)
  const database = await demoSchema(t)
  const app = await buildServer(readConfiguration({ SCHEMA: database.schema, LOG_LEVEL: 'silent' }), proxy.url)
  const warnings: unknown[] = []
  app.log.warn = (...given: unknown[]) => { warnings.push(given) }
  t.teardown(() => app.close())
  const statusOf = async (url: string): Promise<number> => (await app.inject(url)).statusCode
  const ready = await app.inject('/health/ready')
  t.strictSame([ready.statusCode, ready.json(), ready.headers['cache-control']], [200, { status: 'ok' }, 'no-store'])

  proxy.cut()
  await until(async () => await statusOf('/health/ready') === 503)
  t.equal((await app.inject('/health/ready')).body, '{"status":"unavailable"}', 'no details')
  t.match(warnings.at(-1), [{ err: { code: 'TELCO_NUMBERS_DATABASE_UNAVAILABLE' } }, 'not ready'])
  t.strictSame((await app.inject('/health/live')).json(), { status: 'ok' })
  proxy.restore()
  await until(async () => await statusOf('/health/ready') === 200)

  proxy.freeze()
  t.equal(await statusOf('/health/ready'), 503, 'a database that does not answer')
  t.equal(await statusOf('/health/live'), 200)
  proxy.cut()
})

t.test('a server is not ready if its tables have another version', async t => {
  const { app, sql } = await serve(t)
  const [latest] = await sql<{ version: number, name: string }>(
    'select version, name from telco_numbers_migrations order by version desc limit 1')
  await sql('insert into telco_numbers_migrations (version, name) values (999, $1)', ['from the future'])
  t.equal((await app.inject('/health/ready')).statusCode, 503)
  await sql('delete from telco_numbers_migrations where version in (999, $1)', [latest?.version])
  t.equal((await app.inject('/health/ready')).statusCode, 503)
  await sql('insert into telco_numbers_migrations (version, name) values ($1, $2)', [latest?.version, latest?.name])
  await until(async () => (await app.inject('/health/ready')).statusCode === 200)
})

t.test('an exhausted pool does not make the server unready, and simultaneous probes share one query', async t => {
  const { app, ...database } = await serve(t, { POOL_SIZE: '1', LOCK_TIMEOUT: '60000' })
  const other = await openSession(t, database)
  await other.query('begin; lock table numbers')
  const call = app.inject('/api/json/numbers/system/create?auth_username=user&auth_password=password&start=1&class=1&ingroup=1')
  call.catch(() => {})
  await other.waitedFor()
  const replies = await Promise.all(Array.from({ length: 20 }, () => app.inject('/health/ready')))
  t.strictSame(new Set(replies.map(reply => reply.statusCode)), new Set([200]))
  await other.query('rollback')
  t.equal((await call).statusCode, 200)
})
