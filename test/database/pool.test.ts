import { mock } from 'node:test'
import fastifyPostgres from '@fastify/postgres'
import fastify, { type FastifyInstance } from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { withConnection } from '../../lib/database/connection.js'
import { createPool, openPool } from '../../lib/database/pool.js'
import { DATABASE_URL, emptySchema } from '../support/host.js'
import { until } from '../support/until.js'

t.jobs = 4

interface LoggingHost {
  readonly app: FastifyInstance
  readonly log: string[]
}

function loggingHost (t: Test): LoggingHost {
  const log: string[] = []
  const app = fastify({ logger: { level: 'warn', stream: { write: line => { log.push(line) } } } })
  t.teardown(() => app.close())
  return { app, log }
}

function poolOf (t: Test): pg.Pool {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 1 })
  t.teardown(() => pool.end())
  return pool
}

/** Terminates the only connection of a pool, while it is idle, from another session. */
async function terminateIdle (t: Test, pool: pg.Pool): Promise<void> {
  const { pool: other } = await emptySchema(t)
  const { rows: [backend] } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  await other.query('select pg_terminate_backend($1)', [backend?.pid])
  await until(() => pool.totalCount === 0)
}

t.test('creates a pool from a connection string, and ends it with the plugin', async t => {
  const { app, log } = loggingHost(t)
  const { pool, close } = openPool({ connectionString: DATABASE_URL }, app)
  t.strictSame((await pool.query('show application_name')).rows, [{ application_name: 'fastify-telco-numbers' }])
  await terminateIdle(t, pool)
  t.match(log, [/lost an idle database connection/])
  await close()
  t.ok(pool.ended)
})

t.test('waits for a connection of its own pool for lockTimeout, not for the shorter limit of opening one', async t => {
  const { app } = loggingHost(t)
  const pool = createPool(DATABASE_URL, app.log, 1)
  const holder = await pool.connect()
  // Until `reset`, nothing is awaited, so the tests beside this one keep their clock.
  mock.timers.enable({ apis: ['setTimeout'] })
  const waiting = withConnection(pool, { lockTimeout: 60_000, statementTimeout: 60_000 }, query => query('select 1 as one'))
  t.equal(pool.waitingCount, 1)
  mock.timers.tick(59_999)
  mock.timers.reset()
  holder.release()
  t.match(await waiting, { rows: [{ one: 1 }] })
  await pool.end()
})

t.test('does not crash if a connection is lost while its pool is ended', async t => {
  const { pool: other } = await emptySchema(t)
  const { app } = loggingHost(t)
  const { pool, close } = openPool({ connectionString: DATABASE_URL }, app)
  const { rows: [backend] } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  await Promise.all([other.query('select pg_terminate_backend($1)', [backend?.pid]), close()])
  t.not(pool.listenerCount('error'), 0)
})

t.test('uses a pool of the host, and leaves it as it was', async t => {
  const { app, log } = loggingHost(t)
  const given = poolOf(t)
  const { pool, close } = openPool({ pool: given }, app)
  t.equal(pool, given)
  await terminateIdle(t, pool)
  t.match(log, [/lost an idle database connection/])
  await close()
  t.notOk(pool.ended)
  t.equal(pool.listenerCount('error'), 0)
  t.strictSame((await pool.query('select 1 as one')).rows, [{ one: 1 }])
})

t.test('uses the pool of @fastify/postgres by default, and leaves it open', async t => {
  const { app } = loggingHost(t)
  await app.register(fastifyPostgres, { connectionString: DATABASE_URL })
  const { pool, close } = openPool({}, app)
  t.strictSame((await pool.query('select 1 as one')).rows, [{ one: 1 }])
  await close()
  t.notOk(pool.ended)
})

t.test('names the options that are missing if there is no pool', async t => {
  const { app } = loggingHost(t)
  t.throws(() => openPool({}, app), {
    code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: /option pool or connectionString, or first register @fastify\/postgres/
  })
})
