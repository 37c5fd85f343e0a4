import type { QueryResult, QueryResultRow } from 'pg'
import type { Database } from '../database/database.js'

// A row that another process is currently incrementing is left to the next call.
const DELETE_EXPIRED = `
  delete from :"schema".login_failures
  where key in (select key from :"schema".login_failures where expire < :time for update skip locked)`

/**
 * Runs a statement of the limiter's library, with values `$1`, `$2`, …, on the table `login_failures`. It may run twice, because
 * a wrong password that is counted twice does no harm.
 */
export async function queryFailures (
  database: Database, text: string, values: readonly unknown[]
): Promise<QueryResult<QueryResultRow>> {
  // A transaction sets its own isolation level and access mode, because the default of a database may be read-only or stricter.
  return await database.transaction(query => query(
    text.replace(/\$(\d+)/g, ':v$1'), Object.fromEntries(values.map((value, index) => [`v${index + 1}`, value]))))
}

/** Deletes the counts that had expired at `time`, in milliseconds since 1970. */
export async function deleteExpiredFailures (database: Database, time: number): Promise<void> {
  await database.transaction(query => query(DELETE_EXPIRED, { time }))
}
