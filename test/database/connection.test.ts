import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'
import pg from 'pg'
import t, { type Test } from 'tap'
import { withConnection, type Send, type TimeLimits } from '../../lib/database/connection.js'
import { Database, type Query } from '../../lib/database/database.js'
import { DatabaseBusyError, DatabaseUnavailableError } from '../../lib/errors.js'
import { DATABASE_URL, emptySchema } from '../support/host.js'
import { until } from '../support/until.js'
import { openProxy } from '../support/proxy.js'

t.jobs = 4

const LIMITS = { lockTimeout: 10_000, statementTimeout: 30_000 }

const inTransaction = async <Result>(
  pool: pg.Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>, settings?: string
) => (
  await new Database({ pool, schema: 'telco', limits }).transaction(work, settings))

const inSnapshot = async <Result>(pool: pg.Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>) => (
  await new Database({ pool, schema: 'telco', limits }).snapshot(work))

function poolOf (t: Test, config: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 2, ...config })
  pool.on('error', () => {})
  t.teardown(() => pool.end())
  return pool
}

/** Resolves every host name to two addresses, neither of which listens. */
class TwoAddresses extends Socket {
  override connect (...[port]: unknown[]): this {
    return super.connect({
      port: Number(port),
      host: 'two.addresses',
      autoSelectFamily: true,
      lookup: (_name, _options, done) => {
        done(null, [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }])
      }
    })
  }
}

/** Returns the settings that apply to the query. */
async function settingsOf (query: Query | Send): Promise<Record<string, string>> {
  const { rows } = await query<{ name: string, setting: string }>(`select name, current_setting(name) as setting from pg_settings
    where name in ('transaction_isolation', 'lock_timeout', 'statement_timeout', 'enable_seqscan', 'enable_bitmapscan')`)
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
}

t.test('releases a connection after work that succeeds and after work that fails', async t => {
  const pool = poolOf(t)
  t.equal(await withConnection(pool, LIMITS, async () => 'done'), 'done')
  await t.rejects(withConnection(pool, LIMITS, query => query('select 1 / 0')), { code: '22012' })
  await t.rejects(inTransaction(pool, LIMITS, query => query('select 1 / 0')), { code: '22012' })
  await t.rejects(inTransaction(pool, LIMITS, async () => { throw new Error('of the work') }), { message: 'of the work' })
  t.equal(pool.totalCount, 1)
  t.equal(pool.idleCount, 1)
})

t.test('sets the limits and the isolation of a transaction, and restores them afterwards', async t => {
  const pool = poolOf(t, { options: '-c default_transaction_isolation=serializable', max: 1 })
  const before = await withConnection(pool, LIMITS, settingsOf)
  t.strictSame(await inTransaction(pool, { lockTimeout: 1234, statementTimeout: 5678 }, settingsOf, 'set local enable_seqscan = off'), {
    transaction_isolation: 'read committed',
    lock_timeout: '1234ms',
    statement_timeout: '5678ms',
    enable_seqscan: 'off',
    enable_bitmapscan: 'on'
  })
  t.strictSame(await withConnection(pool, LIMITS, settingsOf), before)
})

t.test('commits a transaction as a whole or not at all', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await sql(`create schema ${schema}; create table ${schema}.words (word text)`)
  await inTransaction(pool, LIMITS, query => query('insert into words values (:word)', { word: 'kept' }))
  await t.rejects(inTransaction(pool, LIMITS, async query => {
    await query('insert into words values (:word)', { word: 'lost' })
    throw new Error('after the insert')
  }), { message: 'after the insert' })
  t.strictSame(await sql('select word from words'), [{ word: 'kept' }])
})

t.test('reads from one snapshot, and refuses to write', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await sql(`create schema ${schema}; create table ${schema}.words (word text)`)
  await inSnapshot(pool, LIMITS, async query => {
    t.strictSame((await query('select word from words')).rows, [])
    await sql(`insert into words values ('new')`)
    t.strictSame((await query('select word from words')).rows, [])
  })
  await t.rejects(inSnapshot(pool, LIMITS, query => query(`insert into words values ('newer')`)), DatabaseUnavailableError)
  t.strictSame(await sql('select word from words'), [{ word: 'new' }])
})

t.test('does not return a connection to the pool after the server has closed it', async t => {
  const pool = poolOf(t)
  for (const run of [withConnection, inTransaction]) {
    await t.rejects(run(pool, LIMITS, query => query('select pg_terminate_backend(pg_backend_pid())')), DatabaseUnavailableError)
    t.equal(pool.totalCount, 0)
  }
})

t.test('rejects the work, without a crash, if a connection dies between two statements', async t => {
  const { pool: other } = await emptySchema(t)
  const pool = poolOf(t)
  let isLost = false
  pool.on('connect', client => { client.once('end', () => { isLost = true }) })
  const work = async (query: Query | Send): Promise<unknown> => {
    isLost = false
    const { rows: [backend] } = await query<{ pid: number }>('select pg_backend_pid() as pid')
    await other.query('select pg_terminate_backend($1)', [backend?.pid])
    // The client notices the end of its connection while the work does something else.
    await until(() => isLost)
    return await query('select 1')
  }
  for (const run of [withConnection, inTransaction]) {
    await t.rejects(run(pool, LIMITS, work), DatabaseUnavailableError)
    t.equal(pool.totalCount, 0)
  }
})

/** The message that PostgreSQL sends before it closes a connection: severity, SQLSTATE and text. */
function endingMessage (): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0')
  const head = Buffer.from('E0000')
  head.writeInt32BE(4 + fields.length, 1)
  return Buffer.concat([head, fields])
}

t.test('rejects the work, without a crash, if a connection is closed in the same packet that makes it ready', async t => {
  const readyForQuery = Buffer.from('Z\0\0\0\x05I', 'latin1')
  const proxy = await openProxy(t, data => (
    data.subarray(-6).equals(readyForQuery) ? Buffer.concat([data, endingMessage()]) : data))
  const pool = poolOf(t, { connectionString: proxy.url })
  for (const run of [withConnection, inTransaction]) {
    await t.rejects(run(pool, LIMITS, query => query('select 1')), DatabaseUnavailableError)
    t.equal(pool.totalCount, 0)
  }
})

t.test('replaces a connection that was lost while idle', async t => {
  const proxy = await openProxy(t)
  const pool = poolOf(t, { connectionString: proxy.url })
  for (const run of [withConnection, inTransaction]) {
    await run(pool, LIMITS, query => query('select 1'))
    t.equal(pool.idleCount, 1)
    // The client only notices in the next turn of the event loop.
    proxy.cut()
    proxy.restore()
    t.match(await run(pool, LIMITS, query => query('select 1 as one')), { rows: [{ one: 1 }] })
  }
})

t.test('replaces all connections that were lost while idle, but not a new one that is lost', async t => {
  const proxy = await openProxy(t)
  const pool = poolOf(t, { connectionString: proxy.url })
  const cut = (): void => {
    proxy.cut()
    proxy.restore()
  }
  await Promise.all([1, 2].map(() => withConnection(pool, LIMITS, query => query('select 1'))))
  t.equal(pool.idleCount, 2)
  const attempts: number[] = []
  cut()
  await t.rejects(withConnection(pool, LIMITS, async query => {
    attempts.push(pool.idleCount)
    cut()
    await query('select 1')
  }), DatabaseUnavailableError)
  t.equal(attempts.at(-1), 0)
  t.ok(attempts.length > 1 && attempts.length <= 3, `${attempts.length} attempts`)
  t.equal(pool.totalCount, 0)
})

t.test('gives up a connection that stops responding one second after the limit', async t => {
  const proxy = await openProxy(t)
  const pool = poolOf(t, { connectionString: proxy.url })
  await t.rejects(withConnection(pool, { lockTimeout: 5_000, statementTimeout: 10 }, async query => {
    await query('select 1')
    proxy.freeze()
    await query('select 1')
  }), DatabaseUnavailableError)
  t.equal(pool.totalCount, 0)
})

t.test('reports a database that cannot be reached as unavailable, with the reason as the cause', async t => {
  const pool = poolOf(t, { connectionString: 'postgres://postgres@127.0.0.1:1/postgres' })
  const refused = withConnection(pool, LIMITS, async () => 'never')
  await t.rejects(refused, DatabaseUnavailableError)
  await t.rejects(refused, { statusCode: 503, cause: { code: 'ECONNREFUSED' } })
})

t.test('reports every reason if none of several addresses responds', async t => {
  const pool = poolOf(t, { connectionString: 'postgres://postgres@two.addresses:1/postgres', stream: () => new TwoAddresses() })
  await t.rejects(withConnection(pool, LIMITS, async () => 'never'), {
    code: 'TELCO_NUMBERS_DATABASE_UNAVAILABLE', message: /127\.0\.0\.1:1.*, .*::1/, cause: { code: String }
  })
})

t.test('reports a server that does not respond as busy', async t => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const accepted = once(silent, 'connection') as Promise<[Socket]>
  const { port } = silent.address() as AddressInfo
  const pool = poolOf(t, { connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` })
  const waiting = withConnection(pool, { ...LIMITS, lockTimeout: 100 }, async () => 'never')
  const [socket] = await accepted
  await t.rejects(waiting, { code: 'TELCO_NUMBERS_DATABASE_BUSY', message: /within 100 ms/ })
  socket.destroy()
  await until(() => pool.totalCount === 0)
})

t.test('reports a pool without a free connection as busy, and releases a connection that is free too late', async t => {
  const pool = poolOf(t, { max: 1 })
  const client = await pool.connect()
  await t.rejects(withConnection(pool, { ...LIMITS, lockTimeout: 50 }, async () => 'never'), DatabaseBusyError)
  t.equal(pool.waitingCount, 1)
  client.release()
  await until(() => pool.waitingCount === 0 && pool.idleCount === 1)
  t.equal(await withConnection(pool, LIMITS, async () => 'done'), 'done')
})

t.test('reports a server that accepts no more connections as unavailable', async t => {
  const { pool: other } = await emptySchema(t)
  const role = `telco_${randomBytes(4).toString('hex')}`
  await other.query(`create role ${role} login password 'secret' connection limit 0`)
  t.teardown(() => other.query(`drop role ${role}`))
  const connectionString = new URL(DATABASE_URL)
  connectionString.username = role
  connectionString.password = 'secret'
  const refused = withConnection(poolOf(t, { connectionString: connectionString.href }), LIMITS, async () => 'never')
  await t.rejects(refused, DatabaseUnavailableError)
  await t.rejects(refused, { cause: { code: '53300' } })
})

t.test('reports a database that does not exist as unavailable, with the reason', async t => {
  const connectionString = new URL(DATABASE_URL)
  connectionString.pathname = '/there_is_no_such_database'
  const refused = withConnection(poolOf(t, { connectionString: connectionString.href }), LIMITS, async () => 'never')
  await t.rejects(refused, { message: /"there_is_no_such_database" does not exist/, cause: { code: '3D000' } })
})

t.test('names the limit of the administrator that ended the connection', async t => {
  const { rows: [server] } = await poolOf(t).query<{ version: number }>(`select current_setting('server_version_num')::integer as version`)
  if (Number(server?.version) < 170000) {
    t.comment('PostgreSQL has transaction_timeout since version 17')
    return
  }
  const pool = poolOf(t, { options: '-c transaction_timeout=50' })
  await t.rejects(inTransaction(pool, LIMITS, query => query('select pg_sleep(60)')), {
    code: 'TELCO_NUMBERS_DATABASE_UNAVAILABLE', message: /^the database refused or ended the connection, .*: .*transaction timeout$/, cause: { code: '25P04' }
  })
})

t.test('reports a cancelled statement and a lock that is not available as busy', async t => {
  const pool = poolOf(t)
  const cancelled = inTransaction(pool, LIMITS, query => query('select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)'))
  await t.rejects(cancelled, DatabaseBusyError)
  await t.rejects(cancelled, { statusCode: 503, cause: { code: '57014' } })
  await t.rejects(inTransaction(pool, LIMITS, query => query(`do $$ begin raise sqlstate '55P03'; end $$`)), DatabaseBusyError)
  t.equal(pool.totalCount, 1)
})
