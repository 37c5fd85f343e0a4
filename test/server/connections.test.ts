import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { callOf, PATH, USER } from '../support/host.js'
import { serve } from '../support/server.js'
import { openSession } from '../support/session.js'
import { until } from '../support/until.js'

const HALF_HEADER = `POST ${PATH} HTTP/1.1\r\nHost: x\r\n`
const HALF_BODY = `${HALF_HEADER}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na`
const LIVE = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'
const NUMBER = `GET ${callOf({ start: '1', class: 1, ingroup: 1 })} HTTP/1.1\r\nHost: x\r\n\r\n`

interface Client {
  readonly socket: Socket
  readonly received: () => string
}

/** Connects to a listening server and sends the beginning of a request. */
async function open ({ server }: FastifyInstance, sent: string, localAddress = '127.0.0.1'): Promise<Client> {
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => { received += text })
  await once(socket, 'connect')
  socket.write(sent)
  return { socket, received: () => received }
}

async function listening (t: Test, environment: NodeJS.ProcessEnv = {}) {
  const served = await serve(t, environment)
  await served.app.listen({ host: '127.0.0.1', port: 0 })
  return served
}

async function connections ({ server }: FastifyInstance): Promise<number> {
  return await new Promise(resolve => { server.getConnections((_error, count) => { resolve(count) }) })
}

t.test('silent, half-sent and kept connections do not delay the stop', async t => {
  const { app } = await listening(t)
  const clients = await Promise.all(['', HALF_HEADER, HALF_BODY, LIVE].map(sent => open(app, sent)))
  await until(() => clients.some(({ received }) => received().includes('200 OK')))
  await until(async () => await connections(app) === clients.length)
  await app.close()
  await until(() => clients.every(({ socket }) => socket.closed))
})

t.test('a stop lets a running call end beside another half-sent request of its connection', async t => {
  const served = await listening(t)
  const session = await openSession(t, served)
  await session.query('begin; lock table numbers in share mode')
  const { received, socket } = await open(served.app, NUMBER + HALF_BODY)
  await session.waitedFor()
  const closing = served.app.close()
  await session.query('commit')
  await closing
  await until(() => socket.closed)
  t.match(received(), /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*"count":1/)
})

t.test('a request that does not arrive in time is a 408', async t => {
  const { app } = await listening(t, { REQUEST_TIMEOUT: '500' })
  for (const sent of [HALF_HEADER, HALF_BODY]) {
    const { received, socket } = await open(app, sent)
    await until(() => socket.closed || received() !== '')
    // A connection that sends nothing at all is closed without a reply.
    t.match(received(), /^(HTTP\/1\.1 408 Request Timeout\r\n.*)?/)
  }
  let reply = ''
  await until(async () => {
    const { received, socket } = await open(app, HALF_BODY)
    const drip = setInterval(() => socket.write('a'), 50)
    // A client that writes after the server has closed the connection may lose the reply.
    await until(() => socket.closed || received() !== '')
    clearInterval(drip)
    reply = received()
    return reply !== ''
  })
  t.match(reply, /^HTTP\/1\.1 408 Request Timeout\r\n/)
})

t.test('a call may take longer than its request, but its client must take the reply', async t => {
  const served = await listening(t, { REQUEST_TIMEOUT: '200' })
  const { app, sql } = served
  const session = await openSession(t, served)
  await session.query('begin; lock table numbers in share mode')
  const { received } = await open(app, NUMBER)
  await session.waitedFor()
  await session.query('select pg_sleep(0.5)')
  await session.query('commit')
  await until(() => received().includes('"count":1'))

  await sql(`insert into numbers (number, class, ingroup, stype, load) select n::text, 1, 1, 'number', max(id)
    from loads, generate_series(100000, 250000) as n group by n`)
  const list = `${PATH.replace('create', 'list')}?${new URLSearchParams(USER).toString()}`
  const { socket } = await open(app, `GET ${list} HTTP/1.1\r\nHost: x\r\n\r\n`)
  socket.pause()
  await until(async () => await connections(app) === 1)
  socket.destroy()
})

t.test('a source that keeps opening connections loses its oldest ones, and blocks no other client', async t => {
  const { app } = await listening(t)
  const good = await open(app, LIVE)
  const other = process.platform === 'linux' ? await open(app, '', '127.0.0.2') : good
  const first = await open(app, HALF_BODY)
  for (let batch = 0; batch < 6; batch++) await Promise.all(Array.from({ length: 100 }, () => open(app, HALF_BODY)))
  await until(() => first.socket.closed)
  t.ok(await connections(app) <= 500)
  const next = await open(app, LIVE)
  await until(() => next.received().startsWith('HTTP/1.1 200 OK'))
  if (process.platform === 'linux') t.equal(other.socket.closed, false, 'a source with fewer connections keeps them')
  await app.close()
})

t.test('a Unix socket, whose clients have no address, is served', async t => {
  const { app } = await serve(t, {})
  const folder = await mkdtemp(join(tmpdir(), 'socket-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await app.listen({ path: join(folder, 'http') })
  const socket = connect(join(folder, 'http')).setEncoding('latin1')
  socket.write(LIVE)
  const received: unknown[] = await once(socket, 'data')
  t.match(received[0], /^HTTP\/1\.1 200 OK/)
  await app.close()
})

t.test('data that is not a request gets a status', async t => {
  const { app } = await listening(t)
  for (const [sent, status] of [
    ['CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', '405 Method Not Allowed\r\nAllow: GET, POST'],
    [`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, '431 Request Header Fields Too Large'],
    ['nonsense\r\n\r\n', '400 Bad Request']
  ] as const) {
    const { received } = await open(app, sent)
    await until(() => received() !== '')
    t.match(received(), `HTTP/1.1 ${status}\r\n`)
  }
})
