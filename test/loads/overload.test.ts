import { once } from 'node:events'
import { get, type ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import telcoNumbers, { type TelcoNumbersOptions } from '../../lib/index.js'
import { call, callOf, DATABASE_URL, demoSchema, type TestSchema } from '../support/host.js'
import { openSession, type Session } from '../support/session.js'
import { until } from '../support/until.js'

t.jobs = 3

const GOOD = { class: 1, ingroup: 1 }
const range = (start: number, count: number) => ({ ...GOOD, start: String(start), end: String(start + count - 1) })
const LARGE = 20_000
const OVERLOADED = { code: 'TELCO_NUMBERS_OVERLOADED', statusCode: 503 }

interface BlockableHost extends TestSchema {
  readonly app: FastifyInstance
  /** Starts a load that runs, and occupies its connection, until `unblock`. */
  readonly startBlocked: (start: number, count: number) => Promise<{ readonly outcome: Promise<unknown> }>
  readonly unblock: () => Promise<void>
}

/** A host whose pool has `max` connections, and whose loads the test can block by an uncommitted number. */
async function blockableHost (t: Test, max: number, options: TelcoNumbersOptions = {}): Promise<BlockableHost> {
  const database = await demoSchema(t)
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max })
  const app = fastify()
  t.teardown(async () => {
    await app.close()
    await pool.end()
  })
  await app.register(telcoNumbers, { pool, schema: database.schema, lockTimeout: 60_000, ...options })
  await app.telcoNumbers.create({ ...GOOD, start: '1' })
  const other: Session = await openSession(t, database)
  await other.query('begin')
  let blocked = 0
  return {
    ...database,
    app,
    startBlocked: async (start, count) => {
      await other.query(`insert into numbers (number, class, ingroup, stype, load) values ('${start}', 1, 1, 'number', 1)`)
      const outcome = app.telcoNumbers.create(range(start, count))
      outcome.catch(() => {})
      await other.waitedFor(++blocked)
      return { outcome }
    },
    unblock: async () => { await other.query('rollback') }
  }
}

/** Returns whether `outcome` is pending after all work that can run has run. */
async function isPending (app: FastifyInstance, outcome: Promise<unknown>): Promise<boolean> {
  let isSettled = false
  const settle = (): void => { isSettled = true }
  outcome.then(settle, settle)
  await app.telcoNumbers.listLoads()
  return !isSettled
}

t.test('runs large loads on half of the connections, and small loads and logins on the rest', async t => {
  const { app, startBlocked, unblock } = await blockableHost(t, 4)
  const blocked = [await startBlocked(100_000, LARGE), await startBlocked(200_000, LARGE)]
  const waiting = app.telcoNumbers.create(range(300_000, LARGE))
  t.equal(await isPending(app, waiting), true)
  for (const start of ['7', '8', '9']) t.match(await call(app, { ...GOOD, start }), { data: { count: 1 } })
  t.match(await call(app, range(400_000, 10_000)), { data: { count: 10_000 } })
  t.match(await call(app, { ...range(500_000, LARGE), validation: 1 }), { responses: [{ code: '201' }] }, 'a validation is small')
  const [latest] = await app.telcoNumbers.listLoads({ limit: 1 })
  t.match(await app.telcoNumbers.undo(latest?.id ?? ''), { count: 10_000 })
  t.equal(await isPending(app, waiting), true)
  await unblock()
  for (const outcome of [...blocked.map(load => load.outcome), waiting]) t.match(await outcome, { count: LARGE })
})

t.test('queues the undo of a large load with the large loads', async t => {
  const { app, startBlocked, unblock } = await blockableHost(t, 2)
  const { id } = await app.telcoNumbers.create(range(100_000, LARGE))
  const blocked = await startBlocked(200_000, LARGE)
  const undoing = app.telcoNumbers.undo(id ?? '')
  t.equal(await isPending(app, undoing), true)
  await unblock()
  t.match(await blocked.outcome, { count: LARGE })
  t.match(await undoing, { count: LARGE })
})

t.test('replies 503 with Retry-After if the queue is full or the wait too long', async t => {
  const { app, startBlocked, unblock, sql } = await blockableHost(t, 2, { maxWaiting: 1, queueTimeout: 3_000 })
  const blocked = await startBlocked(100_000, LARGE)
  const waiting = app.telcoNumbers.create(range(200_000, LARGE))
  waiting.catch(() => {})
  await t.rejects(app.telcoNumbers.create(range(300_000, LARGE)), { ...OVERLOADED, message: /1 others are already waiting/ })
  const reply = await app.inject(callOf(range(300_000, LARGE)))
  t.equal(reply.statusCode, 503)
  t.equal(reply.headers['retry-after'], '5')
  t.match(reply.json(), { responses: [{ code: '503', key: '', message: /busy/ }] })
  await t.rejects(waiting, { ...OVERLOADED, message: /waited for 3000 ms/ })
  await unblock()
  await blocked.outcome
  t.strictSame(await sql('select start from loads where count > 1'), [{ start: '100000' }])
})

t.test('rejects queued loads when the host closes, and waits for those that run', async t => {
  const { app, startBlocked, unblock, sql } = await blockableHost(t, 2)
  const blocked = await startBlocked(100_000, LARGE)
  const waiting = app.telcoNumbers.create(range(200_000, LARGE))
  waiting.catch(() => {})
  const closing = app.close()
  await t.rejects(async () => { await until(async () => (await app.telcoNumbers.listLoads()).length < 0) }, { code: 'TELCO_NUMBERS_CLOSED' })
  await unblock()
  t.match(await blocked.outcome, { count: LARGE })
  await t.rejects(waiting, { code: 'TELCO_NUMBERS_CLOSED' })
  await closing
  t.strictSame(await sql('select start from loads where count > 1'), [{ start: '100000' }])
})

/** Repeats `work` while the service refuses it, and returns the outcome of the one that waits in the queue. */
async function queued<Result> (
  app: FastifyInstance, work: () => Promise<Result>
): Promise<{ readonly outcome: Promise<Result> }> {
  let outcome = work()
  await until(async () => {
    if (await isPending(app, outcome)) return true
    outcome = work()
    return false
  })
  return { outcome }
}

/** Sends a call whose reply is not read. */
function send (app: FastifyInstance, parameters: Record<string, string | number>): ClientRequest {
  const request = get(`${app.listeningOrigin}${callOf(parameters)}`, { agent: false })
  request.on('error', () => {})
  return request
}

t.test('removes the load of a client that disconnects from the queue', async t => {
  const { app, startBlocked, unblock, sql } = await blockableHost(t, 2, { maxWaiting: 1 })
  await app.listen()
  const blocked = await startBlocked(100_000, LARGE)
  // The first one fills the queue, so the others are refused.
  const requests = Array.from({ length: 3 }, (_, place) => send(app, range(200_000 + place * LARGE, LARGE)))
  await Promise.race(requests.map(request => once(request, 'response')))
  for (const request of requests) request.destroy()
  // The queue has room for another load as soon as the server notices.
  const next = await queued(app, () => app.telcoNumbers.create(range(300_000, LARGE)))
  t.equal(await isPending(app, next.outcome), true)
  await unblock()
  t.match(await blocked.outcome, { count: LARGE })
  t.match(await next.outcome, { count: LARGE })
  t.strictSame(await sql('select start from loads where count > 1 order by id'), [{ start: '100000' }, { start: '300000' }])
})

t.test('completes the running load of a client that disconnects', async t => {
  const host = await blockableHost(t, 4)
  const { app, sql } = host
  const connections: Socket[] = []
  app.server.on('connection', socket => { connections.push(socket) })
  await app.listen()
  const other = await openSession(t, host)
  await other.query('begin; insert into numbers (number, class, ingroup, stype, load) values (\'200\', 1, 1, \'number\', 1)')
  const request = send(app, range(200, 100))
  await other.waitedFor()
  request.destroy()
  await until(() => connections.every(({ destroyed }) => destroyed))
  await other.query('rollback')
  await until(async () => (await sql('select from loads where start = \'200\'')).length === 1)
  t.strictSame(await sql('select count(*)::integer from numbers'), [{ count: 101 }])
})
