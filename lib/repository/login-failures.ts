import type { QueryResult, QueryResultRow } from 'pg'
import { withConnection } from '../database/client.js'
import { inSchema } from '../database/schema-name.js'
import type { Database } from './database.js'

// A row that is counted up just now is not waited for.
const DELETE_EXPIRED = `
  delete from :"schema".login_failures
  where key in (select key from :"schema".login_failures where expire < $1 for update skip locked)`

/** Runs a statement of the limiter on the table login_failures. */
export async function queryFailures (
  { pool, limits: { lockTimeout } }: Database, text: string, values: readonly unknown[]
): Promise<QueryResult<QueryResultRow>> {
  return await withConnection(pool, { lockTimeout, statementTimeout: lockTimeout }, query => query(text, values))
}

/** Deletes the counts whose time had run out at `time`, in milliseconds since 1970. */
export async function deleteExpiredFailures (database: Database, time: number): Promise<void> {
  await queryFailures(database, inSchema(database.schema, DELETE_EXPIRED), [time])
}
