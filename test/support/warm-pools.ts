import pg from 'pg'

// PostgreSQL fills the caches of a new connection with its catalogs, which takes longer than most tests do. So the next test
// of the process gets the connections of the last one.
const warm: pg.Pool[] = []

/** Few tests need many connections at the same time, and each connection must be reset. */
const MAX_WARM = 4

/** Returns a pool whose connections have the schema as their search path, and nothing that an earlier test has left on them. */
export async function poolFor (connectionString: string, schema: string): Promise<pg.Pool> {
  const pool = warm.pop() ?? new pg.Pool({ connectionString, max: 20, idleTimeoutMillis: 0, allowExitOnIdle: true })
  pool.options.options = `-c search_path=${schema}`
  // The first ones are those that were used last.
  const clients = await Promise.all(Array.from({ length: pool.idleCount }, () => pool.connect()))
  const kept = clients.slice(0, MAX_WARM)
  for (const client of clients.slice(MAX_WARM)) client.release(true)
  await Promise.all(kept.map(async client => {
    await client.query('discard all')
    await client.query(`set search_path = ${schema}`)
  }))
  for (const client of kept.reverse()) client.release()
  return pool
}

/** Keeps a pool for the next test, or ends it if the test has left something on it. */
export async function keepOrEnd (pool: pg.Pool): Promise<void> {
  if (pool.ended) return
  if (pool.eventNames().length === 0 && pool.idleCount === pool.totalCount) warm.push(pool)
  else await pool.end()
}
