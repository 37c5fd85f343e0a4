import type { Sql } from '../harness/postgres.js'
import { INVARIANTS } from './invariants.js'
import type { HistoryRow } from './history.js'

/** The maximum of reported cases per invariant. */
const MAX_CASES = 3

const CREATE_TABLES = `
  create temporary table history (
    id integer primary key, kind text, source text collate "C" unique, load bigint, start text collate "C", "end" text collate "C",
    count integer, alias text collate "C", class integer, ingroup integer, customer integer, region integer, stype text,
    price numeric, outcome text, status integer, keys text[], "reportedCount" integer, milliseconds numeric,
    "metDatabaseFault" boolean, "metServerFault" boolean, "metUnnamedFault" boolean
  ) on commit drop;
  create temporary table start_balance (customer integer primary key, balance numeric) on commit drop`

/** The balance of each customer before the first request of the history. */
export type StartBalances = ReadonlyArray<{ readonly customer: number, readonly balance: string }>

/**
 * Compares the tables of a schema with the history, and returns a sentence for every case in which an invariant does not hold.
 * Must run in a transaction that the caller has begun.
 */
export async function check (
  sql: Sql, schema: string, history: readonly HistoryRow[], startBalances: StartBalances
): Promise<string[]> {
  // A corrupt index could hide wrong rows of the table.
  await sql(`set local search_path to ${schema}; set local enable_indexscan = off; set local enable_indexonlyscan = off`)
  await sql('set local enable_bitmapscan = off; set local work_mem = \'128MB\'')
  await sql(CREATE_TABLES)
  await sql('insert into history select * from jsonb_populate_recordset(null::history, $1)', [JSON.stringify(history)])
  await sql('insert into start_balance select * from jsonb_populate_recordset(null::start_balance, $1)', [JSON.stringify(startBalances)])
  await sql('analyze history')
  const violations: string[] = []
  for (const { name, sql: cases } of INVARIANTS) {
    const rows = await sql<{ violation: string }>(`${cases} limit ${MAX_CASES}`)
    violations.push(...rows.map(({ violation }) => `${name}: ${violation}`))
  }
  return violations
}
