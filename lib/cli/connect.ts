import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { Database } from '../database/database.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { messageOf } from '../errors.js'
import { assertVersion } from '../migrate.js'
import { NumberService } from '../service.js'
import { readConfiguration } from '../config/configuration.js'
import { DATABASE_URL_FILE } from '../server/embedded-postgres.js'
import { interruptible } from './interruptible.js'
import { MissingRightError, UsageError, type Context, type DatabaseCommand } from './command.js'
import type { Terminal } from './terminal.js'

const CONNECTION_TIMEOUT_MS = 5_000

// Longer than those of a request, because an operator waits.
const LIMITS = { lockTimeout: 5_000, statementTimeout: 600_000 }

const CANCEL = `
  select pg_cancel_backend(pid) from pg_stat_activity
  where application_name = $1 and pid <> pg_backend_pid()
    -- A session that waits for a synchronous standby has already committed.
    and wait_event is distinct from 'SyncRep'`

/** The environment variables and the terminal of a command. */
export interface ProcessContext {
  readonly environment: NodeJS.ProcessEnv
  readonly terminal: Terminal
  readonly showsProgress: boolean
  readonly person?: string | undefined
}

/** Runs the work of a command with a connection to the database of the environment. */
export async function withDatabase<Result> (
  command: DatabaseCommand, context: ProcessContext, work: (context: Context) => Promise<Result>
): Promise<Result> {
  try {
    return await connect(command, context, work)
  } catch (error) {
    throw sqlStateOf(error) === SQLSTATE.insufficientPrivilege ? new MissingRightError(describeRights(error, command)) : error
  }
}

async function connect<Result> (
  command: DatabaseCommand, { environment, terminal, showsProgress, person }: ProcessContext,
  work: (context: Context) => Promise<Result>
): Promise<Result> {
  const { databaseUrl, dataDirectory, schema, maxRange } = readConfiguration(environment)
  // A second connection finds the statement of the first one by this name; behind a pooler, a process id means nothing.
  const name = `fastify-telco-numbers ${randomUUID()}`
  const pool = new pg.Pool({
    connectionString: databaseUrl ?? await findEmbeddedUrl(dataDirectory),
    max: 2,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    // Not as a setting of the pool, because a name in the connection string would override it.
    verify: (client, done) => { client.query(`set application_name = '${name}'`, done) }
  })
  // A connection lost while the pool ends does not fail the command. One lost while its name is set fails that query.
  pool.on('error', () => {})
  pool.on('connect', client => { client.on('error', () => {}) })
  try {
    if (command.worksWithoutTables !== true) await assertVersion(pool, schema)
    const database = new Database({ pool, schema, limits: LIMITS })
    return await work({
      service: new NumberService(database, { maxRange, maxWaiting: 1, queueTimeout: LIMITS.lockTimeout }, console),
      database,
      person: [person, environment.USER, environment.LOGNAME].find(name => name !== undefined && name !== '') ?? null,
      // npx runs a command of a package that is not on the PATH.
      program: environment.npm_command === 'exec' ? 'npx fastify-telco-numbers' : 'fastify-telco-numbers',
      terminal,
      interruptible: (activity, work) => interruptible({
        terminal, activity: showsProgress ? activity : undefined, cancel: () => pool.query(CANCEL, [name])
      }, work)
    })
  } finally {
    await pool.end()
  }
}

/** PostgreSQL reports only the first table that the role of this connection lacks a right on. */
function describeRights (error: unknown, { role }: DatabaseCommand): string {
  const needed = role === 'owner' ? 'the owner of the tables' : `the role of grants --${role ?? 'operator'}`
  return `${messageOf(error)}: this command needs the rights of ${needed}`
}

async function findEmbeddedUrl (dataDirectory: string): Promise<string> {
  try {
    return await readFile(join(dataDirectory, DATABASE_URL_FILE), 'utf8')
  } catch {
    throw new UsageError(`no embedded PostgreSQL is running in ${dataDirectory}: set DATABASE_URL`)
  }
}
