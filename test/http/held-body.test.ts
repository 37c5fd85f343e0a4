import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import fastify from 'fastify'
import t from 'tap'
import telcoNumbers from '../../lib/index.js'
import type { Body } from '../../lib/http/raw-parameters.js'
import { HeldBodies } from '../../lib/http/held-body.js'
import { demoHost, demoSchema, USER } from '../support/host.js'
import { Deferred } from '../support/deferred.js'

const MEBIBYTE = Buffer.alloc(1_048_576, '1')
const QUERY = new URLSearchParams({ ...USER, class: '1', ingroup: '2' }).toString()
const IMPORT = `/api/json/numbers/system/import?${QUERY}`

function bodyOf (mebibytes: number): Readable {
  return Readable.from(Array.from({ length: mebibytes }, () => MEBIBYTE))
}

t.test('refuses a large body while others take the memory, but not a small one', async t => {
  const bodies = new HeldBodies()
  const work = new Deferred()
  const held: Array<Promise<void>> = []
  for (const size of [32, 31]) {
    const arrived = new Deferred()
    held.push(bodies.hold(bodyOf(size), async () => {
      arrived.resolve()
      await work.promise
    }))
    await arrived.promise
  }
  await t.rejects(bodies.hold(bodyOf(3), async () => {}), { code: 'TELCO_NUMBERS_OVERLOADED', statusCode: 503 })
  t.equal(await bodies.hold(Readable.from(['abc', Buffer.from('d')]), async content => String(content)), 'abcd')
  work.resolve()
  await Promise.all(held)
  t.equal(await bodies.hold(bodyOf(32), async content => content.length), 33_554_432)
  await t.rejects(bodies.hold(bodyOf(33), async () => {}), { code: 'TELCO_NUMBERS_BODY_TOO_LARGE' })
})

t.test('counts what many small pieces take in memory', async t => {
  const bodies = new HeldBodies(100_000)
  const pieces = Readable.from(Array.from({ length: 2_000 }, () => '1'))
  await t.rejects(bodies.hold(pieces, async () => {}), { code: 'TELCO_NUMBERS_OVERLOADED' })
})

t.test('lets no other import wait for a slow client', async t => {
  const { app } = await demoHost(t, { endpoints: ['import'] })
  await app.listen({ port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write(`POST ${IMPORT} HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\ncontent-length: 1000000\r\n\r\n`)
  await once(app.server, 'request')
  socket.write('301\n'.repeat(100_000))
  const payload = `number,Note\n401,${'x'.repeat(60_000)}\n402,${'x'.repeat(60_000)}\n`
  t.match((await app.inject({ method: 'POST', url: IMPORT, headers: { 'content-type': 'text/csv' }, payload })).json(), { data: { count: 2 } })
})

t.test('receives parameters before hooks of the host count the call, and forgets them after the reply', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  const arrived: unknown[] = []
  app.addHook('preValidation', async ({ body }) => { arrived.push((body as Body).content.length) })
  await app.register(telcoNumbers, { pool, schema, endpoints: ['import'] })
  const payload = JSON.stringify({ csv: '1'.repeat(30_000_000) })
  const url = IMPORT.replace('password=password', 'password=wrong')
  for (let count = 0; count < 4; count++) {
    t.equal((await app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json' }, payload })).statusCode, 401)
  }
  t.strictSame(arrived, Array.from({ length: 4 }, () => payload.length))
})
