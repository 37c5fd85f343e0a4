import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg'
import { DatabaseBusyError, DatabaseUnavailableError, InvalidOptionsError, messageOf } from '../errors.js'
import { isUnavailable, SQLSTATE, sqlStateOf } from './sqlstate.js'
import { TYPES } from './types.js'

/** Milliseconds after which a statement gives up. */
export interface TimeLimits {
  /** Waiting for a connection, or for one lock. */
  readonly lockTimeout: number
  /** As a whole. */
  readonly statementTimeout: number
}

/** Sends one statement. It fails with coded errors, or with PostgreSQL's own and their SQLSTATE. */
export type Send = <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<QueryResult<Row>>

// The types of pg do not know this setting of a statement.
type TimedQuery = QueryConfig & { query_timeout: number }

interface Connection {
  readonly send: Send
  /** Whether it was idle in the pool before, so that its loss may be unnoticed. */
  readonly wasIdle: boolean
  /** Whether the server has answered anything on it. */
  readonly hasAnswered: () => boolean
  readonly release: () => void
}

/**
 * Does `work` on a connection of the pool. A broken connection is not released into the pool; one that was lost while
 * it was idle is replaced, so the first statement of `work` must be repeatable: BEGIN, or a read.
 */
export async function withConnection<Result> (
  pool: Pool, limits: TimeLimits, work: (send: Send) => Promise<Result>
): Promise<Result> {
  const { send, wasIdle, hasAnswered, release } = await acquire(pool, limits)
  const start = performance.now()
  try {
    return await work(send)
  } catch (error) {
    const isLostAtOnce = error instanceof DatabaseUnavailableError && performance.now() - start < limits.lockTimeout
    if (!wasIdle || hasAnswered() || !isLostAtOnce) throw error
  } finally {
    release()
  }
  return await withConnection(pool, limits, work)
}

/** As {@link withConnection}, for a statement that must not be repeated: its outcome is unknown if the connection is lost. */
export async function withConnectionOnce<Result> (
  pool: Pool, limits: TimeLimits, work: (send: Send) => Promise<Result>
): Promise<Result> {
  const { send, release } = await acquire(pool, limits)
  try {
    return await work(send)
  } finally {
    release()
  }
}

async function acquire (pool: Pool, limits: TimeLimits): Promise<Connection> {
  const wasIdle = pool.idleCount > pool.waitingCount
  let broken = false
  let answered = false
  let isUnconfirmed = false
  let lastError: unknown
  const onError = (error: unknown): void => {
    broken = true
    lastError = error
  }
  const onNotice = ({ routine }: { readonly routine?: string | undefined }): void => {
    // The warning has no SQLSTATE of its own, and its text depends on the language of the server.
    isUnconfirmed ||= routine === 'SyncRepWaitForLSN'
  }
  const client = await connect(pool, limits.lockTimeout, onError)
  const unfit = 'native' in client
    ? 'pg-native, which ignores the parsers of a statement and drops warnings'
    : 'binary' in client && client.binary === true ? 'the option binary, which ignores the parsers of a statement' : undefined
  if (unfit !== undefined) {
    client.release(true)
    throw new InvalidOptionsError(`the pool must not use ${unfit}`)
  }
  client.on('notice', onNotice)
  const send: Send = async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) => {
    // The server's own limit, if set, ends the statement first; this one also ends a silent connection. A connection that was
    // idle may be dead without a sign, and its first statement is always short.
    const timeout = wasIdle && !answered ? Math.min(limits.lockTimeout, limits.statementTimeout) : limits.statementTimeout
    const statement: TimedQuery = { text, types: TYPES, query_timeout: timeout + 1000 }
    // An empty list would make the driver prepare a script of several statements.
    if (values.length > 0) statement.values = [...values]
    const result = await client.query<Row>(statement).catch((error: unknown) => {
      // If the server ended the connection between two statements, the driver's error of the next one does not say why.
      const failure = coded(lastError ?? error)
      const isLost = failure instanceof DatabaseUnavailableError
      broken ||= isLost
      answered ||= !isLost
      throw failure
    })
    answered = true
    if (isUnconfirmed) {
      throw new DatabaseUnavailableError('committed, but no synchronous standby has confirmed it: it is lost if the primary is lost now')
    }
    return result
  }
  const release = (): void => {
    client.off('error', onError)
    client.off('notice', onNotice)
    client.release(broken)
  }
  return { send, wasIdle, release, hasAnswered: () => answered }
}

// A host's pool may wait forever for a server that does not answer, or for a free connection.
async function connect (pool: Pool, timeout: number, onError: (error: unknown) => void): Promise<PoolClient> {
  return await new Promise((resolve, reject) => {
    let isLate = false
    const deadline = setTimeout(() => {
      isLate = true
      reject(new DatabaseBusyError(`no connection to the database became free within ${timeout} ms`))
    }, timeout)
    pool.connect((error, client) => {
      clearTimeout(deadline)
      if (client === undefined) {
        reject(unavailable(error))
      } else if (isLate) {
        client.release()
      } else {
        // Without a listener, a connection that dies between two statements would end the process. It is added synchronously, not
        // after a promise: the server may already have sent the message that ends it.
        client.on('error', onError)
        resolve(client)
      }
    })
  })
}

/** Gives an error of the driver the code by which callers decide; does not change the SQLSTATEs of statements. */
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
  // With an SQLSTATE, the server has answered: it is stopping or starting, lacks a resource, refuses the login, or enforces a
  // limit of its administrator.
  const what = sqlStateOf(cause) === undefined ? 'cannot be reached' : 'refused or ended the connection, or cannot do this now'
  return new DatabaseUnavailableError(`the database ${what}: ${errors.map(messageOf).join(', ')}`, { cause })
}
