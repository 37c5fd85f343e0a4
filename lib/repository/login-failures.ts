import type { QueryResult, QueryResultRow } from 'pg'
import { inSchema } from '../database/schema-name.js'
import { queryShortly, type Database } from './database.js'

// A row that is counted up just now is not waited for.
const DELETE_EXPIRED = `
  delete from :"schema".login_failures
  where key in (select key from :"schema".login_failures where expire < $1 for update skip locked)`

/** Runs a statement of the limiter on the table login_failures. A wrong password that is counted twice does no harm. */
export async function queryFailures (
  database: Database, text: string, values: readonly unknown[]
): Promise<QueryResult<QueryResultRow>> {
  return await queryShortly(database, text, values)
}

/** Deletes the counts whose time had run out at `time`, in milliseconds since 1970. */
export async function deleteExpiredFailures (database: Database, time: number): Promise<void> {
  await queryShortly(database, inSchema(database.schema, DELETE_EXPIRED), [time])
}
