import { setTimeout } from 'node:timers/promises'
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg'
import { DatabaseBusyError, DatabaseUnavailableError, messageOf } from '../errors.js'
import { isUnavailable, SQLSTATE, sqlStateOf } from './sqlstate.js'

/** Milliseconds after which a statement gives up: waiting for a connection or one lock, and as a whole. */
export interface TimeLimits {
  readonly lockTimeout: number
  readonly statementTimeout: number
}

/** Runs one statement. Its failures are coded errors, or PostgreSQL's own with their SQLSTATE. */
export type Query = <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<QueryResult<Row>>

// The types of pg do not know this setting of a statement.
type TimedQuery = QueryConfig & { query_timeout: number }

/** Lends a connection of the pool to `work`. A connection that broke is not given back to the pool. */
export async function withConnection<Result> (
  pool: Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>
): Promise<Result> {
  const client = await connect(pool, limits.lockTimeout)
  let broken = false
  // Without a listener, a connection that dies between two statements would end the process.
  const onError = (): void => { broken = true }
  client.on('error', onError)
  const query: Query = async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) => {
    // The server's own limit answers first where it is set; this one also ends a silent connection.
    const statement: TimedQuery = { text, values: [...values], query_timeout: limits.statementTimeout + 1000 }
    try {
      return await client.query<Row>(statement)
    } catch (error) {
      const failure = coded(error)
      broken ||= failure instanceof DatabaseUnavailableError
      throw failure
    }
  }
  try {
    return await work(query)
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

// READ COMMITTED, whatever the connection's default is, because the references of numbers need it.
// Plans: after a large load the table has no statistics yet, and the planner would read a whole range
// into a bitmap to find its first row; the ordered index scan that is left stops there.
const begin = ({ lockTimeout, statementTimeout }: TimeLimits): string => `
  begin isolation level read committed read write;
  set local lock_timeout = ${lockTimeout};
  set local statement_timeout = ${statementTimeout};
  set local enable_bitmapscan = off;
  set local enable_seqscan = off`

/** Runs `work` in one transaction with time limits, and with plans that walk along the indexes. */
export async function inTransaction<Result> (
  pool: Pool, limits: TimeLimits, work: (query: Query) => Promise<Result>
): Promise<Result> {
  return await withConnection(pool, limits, async query => {
    try {
      await query(begin(limits))
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
async function connect (pool: Pool, timeout: number): Promise<PoolClient> {
  const connecting = pool.connect()
  const late = new AbortController()
  const deadline = setTimeout(timeout, undefined, { signal: late.signal }).then(() => {
    connecting.then(client => { client.release() }, () => {})
    throw new DatabaseBusyError(`no connection to the database came free within ${timeout} ms`)
  })
  const connected = connecting.catch((error: unknown) => { throw unavailable(error) })
  return await Promise.race([connected, deadline]).finally(() => { late.abort() })
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
