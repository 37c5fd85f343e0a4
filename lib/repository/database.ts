import type { Pool, QueryResult, QueryResultRow } from 'pg'
import { withConnection, type TimeLimits } from '../database/connection.js'

/** Where the repository works: a pool, the plugin's schema in its database, and the limits for every statement. */
export interface Database {
  readonly pool: Pool
  readonly schema: string
  readonly limits: TimeLimits
}

/**
 * Runs one short statement, in no transaction: what it can wait for is a lock. It may run twice, where its connection is
 * lost before it has answered.
 */
export async function queryShortly<Row extends QueryResultRow> (
  { pool, limits: { lockTimeout } }: Database, text: string, values: readonly unknown[]
): Promise<QueryResult<Row>> {
  return await withConnection(pool, { lockTimeout, statementTimeout: lockTimeout }, query => query<Row>(text, values))
}
