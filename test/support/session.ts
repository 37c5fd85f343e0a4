import type { QueryResult } from 'pg'
import type { Test } from 'tap'
import type { TestSchema } from './host.js'
import { until } from './until.js'

/** One connection, for tests in which several transactions are open at once. */
export interface Session {
  query: (text: string) => Promise<QueryResult>
  /** Starts a statement and resolves when another session blocks it; `outcome` settles when the statement ends. */
  blocked: (text: string) => Promise<{ readonly outcome: Promise<QueryResult> }>
  /** Resolves when this session blocks as many others, with their process ids. */
  waitedFor: (others?: number) => Promise<number[]>
}

/** Opens a session that ends with the test; uncommitted changes are rolled back. */
export async function openSession (t: Test, { pool, sql }: TestSchema): Promise<Session> {
  const client = await pool.connect()
  let running = 0
  const query: Session['query'] = async text => {
    running++
    return await client.query(text).finally(() => { running-- })
  }
  t.teardown(async () => {
    // A statement that still waits would block the ROLLBACK.
    const isReusable = running === 0 && await client.query('rollback').then(() => true, () => false)
    client.release(!isReusable)
  })
  const { rows: [backend] } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const blocked: Session['blocked'] = async text => {
    const outcome = query(text)
    outcome.catch(() => {})
    await until(async () => (
      (await sql('select where cardinality(pg_blocking_pids($1)) > 0', [backend?.pid])).length > 0))
    return { outcome }
  }
  return { query, blocked, waitedFor: async (others = 1) => await blockedBy(sql, backend?.pid, others) }
}

/** Waits until a backend blocks as many others, and returns their process ids. */
export async function blockedBy (sql: TestSchema['sql'], backend: number | undefined, others: number): Promise<number[]> {
  let pids: number[] = []
  await until(async () => {
    const rows = await sql<{ pid: number }>('select pid from pg_stat_activity where $1 = any(pg_blocking_pids(pid))', [backend])
    pids = rows.map(row => row.pid)
    return pids.length >= others
  })
  return pids
}
