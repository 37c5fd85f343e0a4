import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { callOf, DATABASE_URL, emptySchema, type Answer } from '../../support/host.js'
import { startServer } from '../../support/server-process.js'
import { until } from '../../support/until.js'

const SLOW_CLIENTS = 2_000

/** Runs a program that may open as many files as most systems allow by default. */
const FEW_FILES = ['sh', '-c', 'ulimit -n 1024; exec "$0" "$@"', process.execPath, '--enable-source-maps'] as const

t.test('2,000 slow clients do not affect other clients or delay the stop', async t => {
  const { schema } = await emptySchema(t)
  const server = startServer(t, { DATABASE_URL, SCHEMA: schema, SEED_DEMO: 'true' }, {}, FEW_FILES)
  const [origin = ''] = /http:[^"]*/.exec(await server.printed(/Listening/)) ?? []
  const { port, hostname } = new URL(origin)

  const begun = ['', 'POST ', 'POST / HTTP/1.1\r\nHost: x\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na']
  const sockets: Socket[] = []
  t.teardown(() => { for (const socket of sockets) socket.destroy() })
  const codes: Array<string | undefined> = []
  for (let opened = 0; opened < SLOW_CLIENTS; opened += 100) {
    await Promise.all(Array.from({ length: 100 }, async (_, index) => {
      const socket = connect(Number(port), hostname).on('error', () => {}).resume()
      sockets.push(socket)
      await once(socket, 'connect')
      socket.write(begun[index % begun.length] ?? '')
    }))
    const reply = await fetch(`${origin}${callOf({ start: String(10_000 + opened), class: 1, ingroup: 1 })}`, {
      headers: { connection: 'close' }, signal: AbortSignal.timeout(60_000)
    })
    codes.push((await reply.json() as Answer).responses[0]?.code)
  }
  t.strictSame(codes, Array.from({ length: SLOW_CLIENTS / 100 }, () => '200'))
  t.ok(sockets.some(socket => !socket.closed), 'some of them are still connected')
  process.kill(server.pid, 'SIGTERM')
  t.equal(await server.ended, 0)
  t.equal(server.errors(), '')
  await until(() => sockets.every(socket => socket.closed))
})
