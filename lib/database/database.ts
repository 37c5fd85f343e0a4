import type { Pool, QueryResult, QueryResultRow } from 'pg'
import { DatabaseUnavailableError } from '../errors.js'
import { withConnection, withConnectionOnce, type Send, type TimeLimits } from './connection.js'
import { inSchema, resolve, type Statement, type Values } from './statement.js'

/**
 * Runs one statement. In its text `:"schema"` is the plugin's schema, and `:name` a value, as in psql. Without values, the
 * text may be a script of several statements, in which no value is named.
 */
export type Query = <Row extends QueryResultRow>(sql: string, values?: Values) => Promise<QueryResult<Row>>

interface DatabaseOptions {
  readonly pool: Pool
  readonly schema: string
  readonly limits: TimeLimits
}

// Regardless of the connection's default, because the references of numbers need READ COMMITTED.
const READ_WRITE = 'isolation level read committed read write'
const SNAPSHOT = 'isolation level repeatable read read only'

// A role or database may have other values for its own queries. The statements are written for the usual plans, of which some
// settings leave only quadratic ones. JIT takes seconds to compile a large statement that runs for milliseconds.
const PLANNER = `
      set local jit = off;
      set local plan_cache_mode = auto;
      set local enable_nestloop = on;
      set local enable_hashjoin = on;
      set local enable_mergejoin = on;
      set local enable_indexscan = on;
      set local enable_material = on;
      set local enable_sort = on;`

/** The plugin's schema in a database, with time limits for all work there. */
export class Database {
  readonly pool: Pool
  readonly schema: string
  readonly limits: TimeLimits
  readonly #statements = new Map<string, Statement>()

  constructor ({ pool, schema, limits }: DatabaseOptions) {
    this.pool = pool
    this.schema = schema
    this.limits = limits
  }

  /** Does `work` in one transaction; `settings` are `set local` statements. */
  async transaction<Result> (work: (query: Query) => Promise<Result>, settings = ''): Promise<Result> {
    return await this.#between(READ_WRITE, settings, work)
  }

  /** As {@link transaction}, for read-only `work`: all its statements use one snapshot. */
  async snapshot<Result> (work: (query: Query) => Promise<Result>, settings = ''): Promise<Result> {
    return await this.#between(SNAPSHOT, settings, work)
  }

  /**
   * Runs one short statement outside a transaction, which can only wait for a lock. It may run twice, if its connection is lost
   * before the server has answered.
   */
  async query<Row extends QueryResultRow> (sql: string, values: Values): Promise<QueryResult<Row>> {
    const { lockTimeout } = this.limits
    const limits = { lockTimeout, statementTimeout: lockTimeout }
    return await withConnection(this.pool, limits, send => this.#query(send)<Row>(sql, values))
  }

  /**
   * Runs one statement that is a transaction by itself; it must set its own limits, except the one for the whole statement. It is
   * never repeated: its outcome is unknown if the connection is lost.
   */
  async autocommit<Row extends QueryResultRow> (sql: string, values: Values): Promise<QueryResult<Row>> {
    return await withConnectionOnce(this.pool, this.limits, send => this.#query(send)<Row>(sql, values))
  }

  async #between<Result> (mode: string, settings: string, work: (query: Query) => Promise<Result>): Promise<Result> {
    const { lockTimeout, statementTimeout } = this.limits
    const begin = `
      begin ${mode};
      set local lock_timeout = ${lockTimeout};
      set local statement_timeout = ${statementTimeout};
      set local datestyle = 'ISO';
      set local array_nulls = on;
      set local quote_all_identifiers = off;
      -- A warning reports a commit that no standby has confirmed.
      set local client_min_messages = warning;
      -- If a policy hides rows, statements fail rather than miss them.
      set local row_security = off;
      ${PLANNER}
      ${settings}`
    return await withConnection(this.pool, this.limits, async send => {
      try {
        await send(begin)
        const result = await work(this.#query(send))
        // No limit ends the wait of a COMMIT for a synchronous standby: PostgreSQL would commit without it.
        await send('set local statement_timeout = 0; commit')
        return result
      } catch (error) {
        // A lost connection ends the transaction, and the first error is more precise than that of a ROLLBACK.
        if (!(error instanceof DatabaseUnavailableError)) await send('rollback').catch(() => {})
        throw error
      }
    })
  }

  #query (send: Send): Query {
    return async <Row extends QueryResultRow>(sql: string, values?: Values) => {
      if (values === undefined) return await send<Row>(inSchema(this.schema, sql))
      const { text, names } = this.#resolve(sql)
      return await send<Row>(text, names.map(name => values[name]))
    }
  }

  #resolve (sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = resolve(this.schema, sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
