import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'

/** PostgreSQL closes a connection immediately. A database that does not answer must not delay the stop for long. */
const CLOSE_TIMEOUT_MS = 2_000

/**
 * Returns a function that ends a pool and resolves when its connections are closed. `pool.end()` resolves earlier: an embedded
 * PostgreSQL that is stopped then would break connections that are still closing, which would be logged as lost.
 */
export function poolCloser (pool: Pool, timeout = CLOSE_TIMEOUT_MS): () => Promise<void> {
  const connections = new Set<PoolClient>()
  pool.on('connect', client => { connections.add(client) })
  pool.on('remove', client => { connections.delete(client) })
  return async () => {
    await pool.end()
    if (connections.size === 0) return
    const allClosed = new Promise<void>(resolve => {
      pool.on('remove', () => { if (connections.size === 0) resolve() })
    })
    await Promise.race([allClosed, sleep(timeout, undefined, { ref: false })])
  }
}
