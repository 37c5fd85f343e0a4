import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import fastify from 'fastify'
import pg from 'pg'
import t from 'tap'
import telcoNumbers from '../../lib/index.js'
import { openProxy } from '../support/proxy.js'
import { call, callOf, demoHost, demoSchema, emptySchema, untilClosing, urlNamed } from '../support/host.js'
import { openSession } from '../support/session.js'
import { until } from '../support/until.js'

const ONE = { start: '1', class: 1, ingroup: 1 }

t.test('fails the registration if the database is down, and names the cause', async t => {
  const app = fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => { await app.register(telcoNumbers, { connectionString: 'postgres://127.0.0.1:1/x' }) }, {
    code: 'TELCO_NUMBERS_DATABASE_UNAVAILABLE', message: 'the database cannot be reached: connect ECONNREFUSED 127.0.0.1:1'
  })
})

t.test('fails the registration within the plugin timeout of Fastify if the database server does not respond', async t => {
  const silent = createServer(socket => { t.teardown(() => socket.destroy()) }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'x', database: 'x' })
  pool.on('error', () => {})
  const app = fastify()
  await t.rejects(async () => { await app.register(telcoNumbers, { pool }) }, {
    code: 'TELCO_NUMBERS_DATABASE_BUSY', message: 'no connection to the database became free within 3000 ms'
  })
  await app.close()
})

t.test('replies 503 while the database is down, and recovers without a restart', async t => {
  const { schema } = await demoSchema(t)
  const proxy = await openProxy(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { connectionString: proxy.url, schema })
  t.match(await call(app, ONE), { responses: [{ code: '200' }] })
  proxy.cut()
  t.match(await call(app, { ...ONE, start: '2' }), { responses: [{ code: '503', key: '' }] })
  proxy.restore()
  t.match(await call(app, { ...ONE, start: '2' }), { responses: [{ code: '200' }] })
})

t.test('waits for a running load when it closes, and leaves a pool of the host open', async t => {
  const host = await demoHost(t)
  const { app, sql } = host
  const other = await openSession(t, host)
  await other.query('begin; lock table numbers in share mode')
  const running = app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1 })
  await other.waitedFor()
  let isClosed = false
  const closing = app.close().then(() => { isClosed = true })
  await untilClosing(app)
  t.equal(isClosed, false)
  await other.query('commit')
  t.match(await running, { count: 1 })
  await closing
  t.strictSame(await sql('select number from numbers'), [{ number: '1' }])
})

t.test('sends the reply of a request that is in flight when the host closes', async t => {
  const host = await demoHost(t)
  const { app } = host
  const address = await app.listen()
  const other = await openSession(t, host)
  await other.query('begin; lock table numbers in share mode')
  // Without keep-alive, which would let the host wait for the client's next request.
  const request = get(`${address}${callOf(ONE)}`, { agent: false })
  await other.waitedFor()
  const closing = app.close()
  await until(() => !app.server.listening)
  await other.query('commit')
  const [reply] = await once(request, 'response') as [IncomingMessage]
  reply.resume()
  t.equal(reply.statusCode, 200)
  await closing
})

t.test('closes all of its connections when the host closes', async t => {
  const { pool, schema } = await emptySchema(t)
  const name = `plugin on ${schema}`
  const app = fastify()
  await app.register(telcoNumbers, { connectionString: urlNamed(name), schema })
  const count = async (): Promise<number> => (
    (await pool.query('select from pg_stat_activity where application_name = $1', [name])).rows.length)
  t.equal(await count(), 1)
  await app.close()
  // PostgreSQL removes a session from the view a moment after its connection is closed.
  await t.resolves(until(async () => await count() === 0))
})
