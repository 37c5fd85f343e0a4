import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import telcoNumbers from '../../lib/index.js'
import { call, callOf, DATABASE_URL, demoHost, demoSchema, PATH } from '../support/host.js'
import { NUMBER } from '../support/endpoint.js'

const FAILED = { responses: [{ code: '500', key: '', message: 'The service failed. Its log has the cause.' }] }
const BUSY = { responses: [{ code: '503', key: '', message: 'The service is busy or its database cannot be reached: try again later.' }] }

/** Checks the reply of a host whose own authentication fails, for each failure. */
async function checkReplies (
  t: Test, expected: ReadonlyArray<readonly [failure: unknown, status: number, body: unknown]>
): Promise<void> {
  let thrown: unknown
  const { app } = await demoHost(t, { authenticate: () => { throw thrown } })
  for (const [failure, status, body] of expected) {
    thrown = failure
    const reply = await app.inject(callOf(NUMBER))
    t.equal(reply.headers['cache-control'], 'no-store')
    t.strictSame({ status: reply.statusCode, body: reply.json<unknown>() }, { status, body })
  }
}

t.test('replies 500 to an error without an HTTP status, and reports its message in the log only', async t => {
  const lines: string[] = []
  const logger = { level: 'error', stream: { write: (line: string) => { lines.push(line) } } }
  const { app } = await demoHost(t, { authenticate: () => { throw new Error('connect to 10.0.0.1 as root') } }, { logger })
  t.strictSame(await call(app, NUMBER), FAILED)
  t.equal(lines.length, 1)
  t.match(lines[0], 'connect to 10.0.0.1 as root')
})

t.test('replies 500 to anything else that is thrown', async t => {
  const failures: unknown[] = [
    'text', null, undefined, {}, { statusCode: '429' }, { statusCode: 200 }, { statusCode: 302 }, { statusCode: 999 }, { statusCode: 404.5 }
  ]
  await checkReplies(t, failures.map(failure => [failure, 500, FAILED]))
})

t.test('keeps the HTTP status of an error, but not its message', async t => {
  const messages = {
    401: 'The authentication details provided are invalid.',
    402: 'Your role does not allow this.',
    403: 'Forbidden.',
    404: 'This endpoint does not exist.',
    429: 'Too many requests: try again later.',
    502: 'Bad Gateway.',
    503: BUSY.responses[0]?.message
  }
  await checkReplies(t, Object.entries(messages).map(([code, message]) => {
    const failure = Object.assign(new Error('password of user is password'), { statusCode: Number(code) })
    return [failure, Number(code), { responses: [{ code, key: '', message }] }]
  }))
})

t.test('replies in an envelope if a hook of the host refuses a request', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  app.addHook('onRequest', async () => { throw Object.assign(new Error('rate limit of 10.0.0.1'), { statusCode: 429 }) })
  await app.register(telcoNumbers, { pool, schema })
  for (const url of [PATH, `${PATH}/`, `${PATH}/below`]) {
    const reply = await app.inject(url)
    t.equal(reply.statusCode, 429)
    t.strictSame(reply.json(), { responses: [{ code: '429', key: '', message: 'Too many requests: try again later.' }] })
  }
})

t.test('replies 500 to an error of the database, without its message', async t => {
  const { app, sql } = await demoHost(t)
  await sql('drop table loads cascade')
  t.strictSame(await call(app, NUMBER), FAILED)
})

t.test('replies 503 if the database cannot be reached', async t => {
  const pool = new pg.Pool({ connectionString: DATABASE_URL })
  const { app } = await demoHost(t, { pool })
  await pool.end()
  const reply = await app.inject(callOf(NUMBER))
  t.equal(reply.statusCode, 503)
  t.strictSame(reply.json(), BUSY)
})

t.test('replies 503 if a lock is held for too long, and works after it is released', async t => {
  const { app, pool } = await demoHost(t, { lockTimeout: 50 })
  const client = await pool.connect()
  await client.query('begin; lock table numbers in access exclusive mode')
  const answer = await call(app, NUMBER)
  await client.query('rollback')
  client.release()
  t.strictSame(answer, BUSY)
  t.match(await call(app, NUMBER), { data: { count: 1 } })
})

t.test('sets Retry-After in a 503, unless the host has set it', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (headers.host === 'patient') reply.header('retry-after', '60')
  })
  await app.register(telcoNumbers, {
    pool, schema, authenticate: () => { throw Object.assign(new Error('busy'), { statusCode: 503 }) }
  })
  for (const [host, seconds] of [['example', '5'], ['patient', '60']]) {
    t.equal((await app.inject({ url: callOf(NUMBER), headers: { host } })).headers['retry-after'], seconds)
  }
})
