import { hash } from '@node-rs/argon2'
import pg from 'pg'
import { migrate } from '../../../lib/migrate.js'
import { seedDemoData } from '../../../lib/server/demo-data.js'
import type { StoredNumber } from '../../harness/stored-number.js'
import { PEOPLE } from '../model/demo-data.js'

export interface StoredLoad {
  readonly id: string
  readonly person: string | null
  readonly source: string | null
  readonly start: string
  readonly end: string
  readonly count: number
  readonly ranges: number
  readonly alias: string | null
  readonly class: number
  readonly ingroup: number
  readonly customer: number | null
  readonly region: number | null
  readonly stype: string
  readonly charge_customer: boolean
  readonly charged: string
  readonly undone: boolean
  readonly undone_by: string | null
}

export interface StoredChange {
  readonly id: string
  readonly kind: string
  readonly person: string | null
  readonly source: string | null
  readonly start: string
  readonly end: string
  readonly count: number
  readonly new_values: Readonly<Record<string, string | number | null>>
  readonly undone: boolean
  readonly undone_by: string | null
}

/** The state of numbers before a change. */
export interface StoredRun extends Omit<StoredNumber, 'number'> {
  readonly change: string
  readonly first: string
  readonly last: string
  readonly count: number
}

/** Every row that the calls have written. Amounts are in cents. */
export interface Stored {
  readonly loads: readonly StoredLoad[]
  readonly numbers: readonly StoredNumber[]
  readonly changes: readonly StoredChange[]
  readonly runs: readonly StoredRun[]
  readonly transactions: ReadonlyArray<Record<string, string | number | null>>
  readonly balances: ReadonlyArray<Record<string, string | number | null>>
}

// Verifying a password costs what its stored hash demands. At the default cost, that would take most of the time.
const CHEAP_HASH = { memoryCost: 64, timeCost: 1, parallelism: 1 }

/** Creates a schema with the demo data and the people of the fuzzer. */
export async function makeSchema (pool: pg.Pool, schema: string): Promise<void> {
  await dropSchema(pool, schema)
  await migrate(pool, schema)
  await seedDemoData(pool, schema)
  for (const { username, password, mayLogIn, mayCreate } of PEOPLE) {
    await pool.query(
      `insert into ${schema}.people (username, password_hash, role, enabled) values ($1, $2, $3, $4)`,
      [username, await hash(password, CHEAP_HASH), mayCreate ? 1 : 2, mayLogIn])
  }
}

export async function dropSchema (pool: pg.Pool, schema: string): Promise<void> {
  await pool.query(`set client_min_messages = warning; drop schema if exists ${schema} cascade`)
}

/** Deletes all records, numbers and transactions, and resets the balances and the identifiers. */
export async function emptySchema (pool: pg.Pool, schema: string): Promise<void> {
  await pool.query(`
    begin;
    alter table ${schema}.loads disable trigger user;
    truncate ${schema}.numbers, ${schema}.loads, ${schema}.load_range_arrays, ${schema}.transactions,
      ${schema}.changes, ${schema}.changed_runs restart identity;
    alter table ${schema}.loads enable trigger user;
    update ${schema}.customers set balance = 0 where balance <> 0;
    commit`)
}

export async function readStored (pool: pg.Pool, schema: string): Promise<Stored> {
  const rowsOf = async <Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> => (await pool.query<Row>(sql)).rows
  return {
    loads: await rowsOf<StoredLoad>(`
      select id, person, source, start, "end", count, ranges, alias, class, ingroup, customer, region, stype, charge_customer,
        trim_scale(charged * 100)::text as charged, undone_at is not null as undone, undone_by
      from ${schema}.loads order by id`),
    numbers: await rowsOf<StoredNumber>(`
      select number, alias, class, ingroup, customer, region, stype, load from ${schema}.numbers order by number`),
    changes: await rowsOf<StoredChange>(`
      select id, kind, person, source, start, "end", count, new_values, undone_at is not null as undone, undone_by
      from ${schema}.changes order by id`),
    runs: await rowsOf<StoredRun>(`
      select change, first, last, count, alias, class, ingroup, customer, region, stype, load
      from ${schema}.changed_runs order by change, first`),
    transactions: await rowsOf(`
      select customer, load, change, quantity, trim_scale(unit_price * 100)::text as unit_price, trim_scale(amount * 100)::text as amount
      from ${schema}.transactions`),
    balances: await rowsOf(`
      select id as customer, trim_scale(balance * 100)::text as balance from ${schema}.customers order by id`)
  }
}
