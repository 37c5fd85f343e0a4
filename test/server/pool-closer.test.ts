import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { Transform } from 'node:stream'
import fastify from 'fastify'
import t, { type Test } from 'tap'
import { createPool } from '../../lib/database/pool.js'
import { poolCloser } from '../../lib/server/pool-closer.js'
import { call, demoSchema, urlNamed } from '../support/host.js'
import { openProxy } from '../support/proxy.js'
import { serve } from '../support/server.js'

t.jobs = 3

const TERMINATE = 'X'.charCodeAt(0)

/** Returns a connection string with which PostgreSQL receives the end of each connection late. */
async function urlWithLateEnds (t: Test, applicationName: string): Promise<string> {
  const url = new URL(urlNamed(applicationName))
  const { hostname, port } = url
  const proxy = createServer({ allowHalfOpen: true }, near => {
    const far = connect(Number(port), hostname)
    near.pipe(new Transform({
      transform: (data: Buffer, _encoding, done) => {
        if (data[0] === TERMINATE) setTimeout(done, 500, null, data)
        else done(null, data)
      }
    })).pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  t.teardown(() => { proxy.close() })
  await once(proxy, 'listening')
  url.hostname = '127.0.0.1'
  url.port = String((proxy.address() as AddressInfo).port)
  return url.href
}

t.test('closing the server waits until PostgreSQL has closed the connections of its pool', async t => {
  const { schema, sql } = await demoSchema(t)
  const { app } = await serve(t, {}, await urlWithLateEnds(t, schema))
  await Promise.all(Array.from({ length: 20 }, (_, index) => call(app, { start: `1${index}`, class: 1, ingroup: 1 })))
  t.not((await sql('select from pg_stat_activity where application_name = $1', [schema])).length, 0)
  await app.close()
  t.strictSame(await sql('select from pg_stat_activity where application_name = $1', [schema]), [])
})

t.test('a database that does not answer delays the stop only briefly', async t => {
  const proxy = await openProxy(t)
  const pool = createPool(proxy.url, fastify().log)
  const close = poolCloser(pool, 50)
  await Promise.all([pool.query('select 1'), pool.query('select 1')])
  proxy.freeze()
  await t.resolves(close())
  t.equal(pool.ended, true)
})

t.test('a pool without connections closes immediately', async t => {
  const pool = createPool('postgres://127.0.0.1:1/none', fastify().log)
  await t.resolves(poolCloser(pool)())
})
