import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg'
import { DatabaseBusyError, DatabaseUnavailableError, messageOf } from '../errors.js'
import { isUnavailable, SQLSTATE, sqlStateOf } from './sqlstate.js'

/** Milliseconds after which a statement gives up. */
export interface TimeLimits {
  /** Waiting for a connection, or for one lock. */
  readonly lockTimeout: number
  /** As a whole. */
  readonly statementTimeout: number
}

/** Runs one statement. Its failures are coded errors, or PostgreSQL's own with their SQLSTATE. */
export type Query = <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<QueryResult<Row>>

// The types of pg do not know this setting of a statement.
type TimedQuery = QueryConfig & { query_timeout: number }

/** A connection that a pool has lent. */
interface AcquiredConnection {
  readonly query: Query
  /** Whether it was there before, so that it may have been lost unnoticed. */
  readonly wasIdle: boolean
  /** Whether the server has answered anything on it. */
  readonly hasAnswered: () => boolean
  release: () => void
}

/**
 * Lends a connection of the pool to `work`. One that broke is not given back to the pool; one that turns out to have been
 * lost while it was idle is replaced, so the first statement of `work` must bear to be repeated: BEGIN, or a read.
 */
export async function withConnection<Result> (
  pool: Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>
): Promise<Result> {
  const { query, wasIdle, hasAnswered, release } = await acquire(pool, limits)
  const begin = performance.now()
  try {
    return await work(query)
  } catch (error) {
    const isLostAtOnce = error instanceof DatabaseUnavailableError && performance.now() - begin < limits.lockTimeout
    if (!wasIdle || hasAnswered() || !isLostAtOnce) throw error
  } finally {
    release()
  }
  return await withConnection(pool, limits, work)
}

/**
 * Runs one statement that is a transaction by itself; what it sets, beside the limit for the whole, it must set itself. It
 * is not repeated: what has become of it where its connection is lost, nobody knows.
 */
export async function autocommit<Row extends QueryResultRow> (
  pool: Pool, limits: TimeLimits, text: string, values: readonly unknown[]
): Promise<QueryResult<Row>> {
  const { query, release } = await acquire(pool, limits)
  try {
    return await query<Row>(text, values)
  } finally {
    release()
  }
}

async function acquire (pool: Pool, limits: TimeLimits): Promise<AcquiredConnection> {
  const wasIdle = pool.idleCount > pool.waitingCount
  let broken = false
  let answered = false
  const onError = (): void => { broken = true }
  const client = await connect(pool, limits.lockTimeout, onError)
  const query: Query = async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) => {
    // The server's own limit answers first where it is set; this one also ends a silent connection.
    const statement: TimedQuery = { text, values: [...values], query_timeout: limits.statementTimeout + 1000 }
    try {
      const result = await client.query<Row>(statement)
      answered = true
      return result
    } catch (error) {
      const failure = coded(error)
      const isLost = failure instanceof DatabaseUnavailableError
      broken ||= isLost
      answered ||= !isLost
      throw failure
    }
  }
  const release = (): void => {
    client.off('error', onError)
    client.release(broken)
  }
  return { query, wasIdle, release, hasAnswered: () => answered }
}

// Whatever the connection's default is: the references of numbers need READ COMMITTED.
const WRITING = 'isolation level read committed read write'
const SNAPSHOT = 'isolation level repeatable read read only'

// Plans: after a large load the table has no statistics yet, and the planner would read a whole range
// into a bitmap to find its first row; the ordered index scan that is left stops there.
const begin = (mode: string, { lockTimeout, statementTimeout }: TimeLimits): string => `
  begin ${mode};
  set local lock_timeout = ${lockTimeout};
  set local statement_timeout = ${statementTimeout};
  set local enable_bitmapscan = off;
  set local enable_seqscan = off`

/** Runs `work` in one transaction with time limits, and with plans that walk along the indexes. */
export async function inTransaction<Result> (
  pool: Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>
): Promise<Result> {
  return await between(begin(WRITING, limits), pool, limits, work)
}

/** As {@link inTransaction}, for `work` that only looks: all its statements see the database as it was at one moment. */
export async function inSnapshot<Result> (
  pool: Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>
): Promise<Result> {
  return await between(begin(SNAPSHOT, limits), pool, limits, work)
}

async function between<Result> (
  beginning: string, pool: Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>
): Promise<Result> {
  return await withConnection(pool, limits, async query => {
    try {
      await query(beginning)
      const result = await work(query)
      await query('commit')
      return result
    } catch (error) {
      // Where the connection is gone, so is the transaction, and the first error tells more than a second one.
      if (!(error instanceof DatabaseUnavailableError)) await query('rollback').catch(() => {})
      throw error
    }
  })
}

// A pool of the host's may wait for ever, for a server that does not answer or for a connection to come free.
async function connect (pool: Pool, timeout: number, onError: () => void): Promise<PoolClient> {
  return await new Promise((resolve, reject) => {
    let isLate = false
    const deadline = setTimeout(() => {
      isLate = true
      reject(new DatabaseBusyError(`no connection to the database came free within ${timeout} ms`))
    }, timeout)
    pool.connect((error, client) => {
      clearTimeout(deadline)
      if (client === undefined) {
        reject(unavailable(error))
      } else if (isLate) {
        client.release()
      } else {
        // Without a listener, a connection that dies between two statements would end the process. At once, and so not
        // after a promise: that it dies may stand in what the server has sent already.
        client.on('error', onError)
        resolve(client)
      }
    })
  })
}

/** Gives an error of the driver the code that callers decide by; leaves the SQLSTATEs of statements as they are. */
function coded (error: unknown): unknown {
  const state = sqlStateOf(error)
  if (state === undefined || isUnavailable(error, state)) return unavailable(error)
  if (state === SQLSTATE.lockNotAvailable || state === SQLSTATE.queryCanceled) {
    return new DatabaseBusyError('the database is busy: try again later', { cause: error })
  }
  return error
}

function unavailable (cause: unknown): Error {
  // An attempt at several addresses has no message of its own.
  const errors: unknown[] = cause instanceof AggregateError ? cause.errors : [cause]
  return new DatabaseUnavailableError(`the database cannot be reached: ${errors.map(messageOf).join(', ')}`, { cause })
}
