import pg from 'pg'
import t, { type Test } from 'tap'
import { withConnection, type TimeLimits } from '../../lib/database/connection.js'
import { Database, type Query } from '../../lib/database/database.js'
import { DatabaseUnavailableError } from '../../lib/errors.js'
import { migrate } from '../../lib/migrate.js'
import { DATABASE_URL, emptySchema } from '../support/host.js'
import { openProxy } from '../support/proxy.js'

t.jobs = 4

const LIMITS = { lockTimeout: 10_000, statementTimeout: 30_000 }

const inTransaction = async <Result>(pool: pg.Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>) => (
  await new Database({ pool, schema: 'telco', limits }).transaction(work))

function poolOf (t: Test, config: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 2, ...config })
  pool.on('error', () => {})
  t.teardown(() => pool.end())
  return pool
}

t.test('gives up a silent connection that was idle after the time limit of a lock, not of a statement, and only once', async t => {
  const proxy = await openProxy(t)
  const pool = poolOf(t, { connectionString: proxy.url })
  await withConnection(pool, LIMITS, query => query('select 1'))
  t.equal(pool.idleCount, 1)
  proxy.freeze()
  let attempts = 0
  const limits = { lockTimeout: 10, statementTimeout: 3_600_000 }
  await t.rejects(inTransaction(pool, limits, async () => { attempts++ }), DatabaseUnavailableError)
  t.equal(attempts, 0)
})

t.test('refuses a pool of pg-native with a code', async t => {
  class NativeClient extends pg.Client {
    readonly native = {}
  }
  const { schema } = await emptySchema(t)
  const pool = poolOf(t, { Client: NativeClient })
  await t.rejects(migrate(pool, schema), { code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: /pg-native/ })
  t.equal(pool.totalCount, 0)
  const binary = poolOf(t, { max: 1, ...{ binary: true } })
  await t.rejects(migrate(binary, schema), { code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: /option binary/ })
})

t.test('reports a commit as unconfirmed if its wait for a synchronous standby was cancelled, although PostgreSQL only warns', async t => {
  const pool = poolOf(t, { max: 1 })
  const clients: pg.PoolClient[] = []
  pool.on('connect', client => { clients.push(client) })
  const unconfirmed = inTransaction(pool, LIMITS, async query => {
    await query('select 1')
    clients[0]?.emit('notice', { routine: 'SyncRepWaitForLSN' })
  })
  await t.rejects(unconfirmed, {
    code: 'TELCO_NUMBERS_DATABASE_UNAVAILABLE', message: /^committed, but no synchronous standby has confirmed it/
  })
  t.equal(pool.idleCount, 1)
})

t.test('does not end the wait of a commit by the limit of a statement', async t => {
  const pool = poolOf(t)
  await t.resolves(inTransaction(pool, { ...LIMITS, statementTimeout: 100 }, query => query(`
    create temporary table late (id integer) on commit drop;
    create function pg_temp.late() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$;
    create constraint trigger late after insert on late deferrable initially deferred for each row execute function pg_temp.late();
    insert into late values (1)`)))
})
