import { Agent, get, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { readConfiguration } from '../../lib/standalone/configuration.js'
import { buildServer } from '../../lib/standalone/server.js'
import { callOf, DATABASE_URL, demoSchema, type Answer } from '../helper.js'

async function serve (t: Test, environment: NodeJS.ProcessEnv = {}) {
  const database = await demoSchema(t)
  const app = await buildServer(readConfiguration({ SCHEMA: database.schema, LOG_LEVEL: 'silent', ...environment }), DATABASE_URL)
  t.teardown(() => app.close())
  return { ...database, app }
}

t.test('whatever path is asked for, the reply is an envelope', async t => {
  const { app } = await serve(t)
  for (const url of ['/', '/api/json/numbers/system/update', '/api/json/numbers/system/create/%zz', '/%']) {
    const reply = await app.inject(url)
    t.equal(reply.statusCode, 404)
    t.strictSame(reply.json<Answer>(), { responses: [{ code: '404', key: '', message: 'There is no such function.' }] })
  }
})

t.test('the last reply before closing asks the client to let go of its connection', async t => {
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

t.test('a request that cannot be parsed is answered, and not logged with what it holds', async t => {
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
