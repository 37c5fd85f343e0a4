import { Agent, get, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { readConfiguration } from '../../lib/config/configuration.js'
import { serveIfInstalled } from '../../lib/server/optional-packages.js'
import { buildServer } from '../../lib/server/server.js'
import { call, callOf, DATABASE_URL, emptySchema, type Answer } from '../support/host.js'
import { serve } from '../support/server.js'

t.test('the reply is an envelope for every path', async t => {
  const { app } = await serve(t)
  for (const url of ['/', '/api/json/numbers/system/nothing', '/api/json/numbers/system/create/%zz', '/%']) {
    const reply = await app.inject(url)
    t.equal(reply.statusCode, 404)
    t.match(reply.headers, { 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' })
    t.strictSame(reply.json<Answer>(), { responses: [{ code: '404', key: '', message: 'This endpoint does not exist.' }] })
  }
})

t.test('the last reply before closing asks the client to close its connection', async t => {
  const { app, pool } = await serve(t)
  await app.listen({ port: 0 })
  const agent = new Agent({ keepAlive: true })
  const client = await pool.connect()
  await client.query('begin; lock table numbers in share mode')
  const { port } = app.server.address() as AddressInfo
  const request = get({ port, path: callOf({ start: '1', class: 1, ingroup: 1 }), agent })
  await client.query('select pg_sleep(0.5)')
  const closing = app.close()
  await client.query('select pg_sleep(0.2)')
  await client.query('commit')
  client.release()
  const [reply] = await once(request, 'response') as [IncomingMessage]
  reply.resume()
  t.match([reply.statusCode, reply.headers.connection], [200, 'close'])
  await closing
})

t.test('a request that cannot be parsed gets a reply, and its content is not logged', async t => {
  const { app } = await serve(t, { LOG_LEVEL: 'trace' })
  const lines: unknown[] = []
  const log = app.log.debug.bind(app.log)
  app.log.debug = (...given: [unknown]) => {
    lines.push(given)
    log(...given)
  }
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port)
  socket.write('GET /?auth_password=MARKER word HTTP/1.1\r\n\r\n')
  t.match((await socket.setEncoding('latin1').toArray()).join(''), /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.match(JSON.stringify(lines), 'HPE_')
  t.notMatch(JSON.stringify(lines), /MARKER|rawPacket/)
})

t.test('a request keeps the identifier of its header if it is safe, or else gets a new one', async t => {
  const { app } = await serve(t)
  const identifierFor = async (given?: string): Promise<unknown> => (
    (await app.inject({ url: '/health/live', headers: given === undefined ? {} : { 'x-request-id': given } })).headers['x-request-id'])
  t.equal(await identifierFor('1-67891233:abc_D.9'), '1-67891233:abc_D.9')
  for (const unsafe of [undefined, '', 'a b', '"}', 'x'.repeat(129), 'é']) t.match(await identifierFor(unsafe), /^[0-9a-f-]{36}$/)
})

t.test('a trusted proxy determines the source of a request', async t => {
  for (const [trust, source] of [['loopback', '192.0.2.7'], ['10.0.0.0/8', '127.0.0.1']] as const) {
    const { app, sql } = await serve(t, { TRUST_PROXY: trust })
    const headers = { 'x-forwarded-for': '192.0.2.7' }
    t.equal((await app.inject({ url: callOf({ start: '1', class: 1, ingroup: 1 }), headers })).statusCode, 200)
    t.strictSame(await sql('select source from loads'), [{ source }])
  }
})

t.test('the pool and its limits are as configured', async t => {
  const { app, pool } = await serve(t, { POOL_SIZE: '1', LOCK_TIMEOUT: '200', STATEMENT_TIMEOUT: '60000' })
  const client = await pool.connect()
  await client.query('begin; lock table numbers')
  t.match(await call(app, { start: '1', class: 1, ingroup: 1 }), { responses: [{ code: '503' }] })
  await client.query('rollback')
  client.release()
})

t.test('a server that cannot be built closes its connections', async t => {
  const { schema, sql } = await emptySchema(t)
  await sql(`create schema ${schema}; create table telco_numbers_migrations (version integer)`)
  await sql('insert into telco_numbers_migrations values (999)')
  const building = buildServer(readConfiguration({ SCHEMA: schema, LOG_LEVEL: 'silent' }), DATABASE_URL)
  await t.rejects(building, { code: 'TELCO_NUMBERS_SCHEMA_VERSION' })
})

t.test('a part whose packages are missing is left out, and the log names them', async t => {
  const { app } = await serve(t)
  const warnings: unknown[] = []
  app.log.warn = (...given: unknown[]) => { warnings.push(given) }
  await serveIfInstalled(app.log, '/x', 'no-such-package', async () => {
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  })
  t.match(warnings, [[
    { err: { code: 'TELCO_NUMBERS_MISSING_PACKAGE' } },
    '/x is not served, because packages for it are missing: npm install no-such-package'
  ]])
  const broken = serveIfInstalled(app.log, '/x', 'x', async () => { throw new Error('something else') })
  await t.rejects(broken, { message: 'something else' })
})

t.test('documentation and metrics can be switched off', async t => {
  const { app } = await serve(t, { METRICS: 'false', DOCUMENTATION: 'false' })
  for (const url of ['/metrics', '/documentation', '/documentation/json']) t.equal((await app.inject(url)).statusCode, 404, url)
})
