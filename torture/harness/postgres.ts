import { execFile } from 'node:child_process'
import { chown, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import pg from 'pg'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../lib/server/embedded-postgres.js'
import { until } from './until.js'

// As in production, fsync included; but checkpoints are more frequent, so that some crashes happen during one.
// A standby that follows later needs the WAL.
const SETTINGS = ['checkpoint_timeout=30s', 'shared_buffers=256MB', 'wal_keep_size=1GB']

/** The application name of the servers' connections. */
export const APPLICATION = 'fastify-telco-numbers'

/** Below the ephemeral ports of Linux and macOS. */
const MIN_PORT = 12_000
const PORT_COUNT = 18_000
/** Keeps concurrent runs, whose process ids are close to each other, from taking each other's port while PostgreSQL is down. */
const PORTS_PER_RUN = 16

export type Sql = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>

/** An embedded PostgreSQL for one run. It can be killed and started again with the same data at the same address. */
export class Postgres {
  readonly directory: string
  readonly url: string
  readonly #settings: readonly string[]
  #running: Promise<EmbeddedPostgres>

  private constructor (directory: string, url: string, settings: readonly string[], running: Promise<EmbeddedPostgres>) {
    this.directory = directory
    this.url = url
    this.#settings = settings
    this.#running = running
  }

  static async start (directory: string): Promise<Postgres> {
    const port = await freePort()
    // If a setting is given twice, PostgreSQL uses the last one.
    const settings = [...SETTINGS, `port=${port}`]
    const running = await startEmbeddedPostgres(directory, settings)
    const url = new URL(running.url)
    url.port = String(port)
    return new Postgres(directory, url.href, settings, Promise.resolve(running))
  }

  /** Starts a standby with a copy of the data, which follows until it is promoted. */
  static async follow (primary: Postgres, directory: string): Promise<Postgres> {
    const data = join(directory, 'postgres')
    const label = await primary.session(async sql => {
      await sql(`select pg_backup_start('standby', true)`)
      // With the owner of the files, which is another user if this process runs as root.
      await promisify(execFile)('cp', ['-a', primary.directory, directory])
      const [stopped] = await sql<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
      return stopped?.labelfile ?? ''
    })
    await rm(join(data, 'postmaster.pid'), { force: true })
    const { uid, gid } = await stat(data)
    for (const [name, content] of [['backup_label', label], ['standby.signal', '']] as const) {
      await writeFile(join(data, name), content)
      await chown(join(data, name), uid, gid)
    }
    const url = new URL(primary.url)
    const { hostname, port, username, password } = url
    url.port = String(await freePort())
    const settings = [
      ...SETTINGS, `port=${url.port}`, `primary_conninfo=host=${hostname} port=${port} user=${username} password=${password}`
    ]
    // It is ready for the supervisor when it is promoted.
    const standby = new Postgres(directory, url.href, settings, startEmbeddedPostgres(directory, settings))
    await until('the standby is confirmed by the primary', () => primary.session(async sql => (
      (await sql(`select from pg_stat_replication where state = 'streaming'`)).length > 0)))
    return standby
  }

  /** Makes the primary wait for the standby at every commit. */
  async waitForStandby (): Promise<void> {
    await this.session(async sql => {
      await sql(`alter system set synchronous_standby_names = '*'`)
      await sql('select pg_reload_conf()')
      await until('the standby is synchronous', async () => (
        (await sql(`select from pg_stat_replication where sync_state = 'sync'`)).length > 0))
    })
  }

  /** Promotes a standby to the primary. */
  async promote (): Promise<void> {
    await this.session(sql => sql('select pg_promote()'))
    await this.#running
  }

  get dataDirectory (): string {
    return join(this.directory, 'postgres')
  }

  /** Calls `work` with a new connection, and closes the connection afterwards. */
  async session<Result> (work: (sql: Sql) => Promise<Result>, url = this.url): Promise<Result> {
    const client = new pg.Client(url)
    // If a fault ends the connection, the statement that fails reports it. Between statements it does not matter.
    client.on('error', () => {})
    await client.connect()
    try {
      return await work(async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => (
        (await client.query<Row>(text, values)).rows))
    } finally {
      await client.end().catch(() => {})
    }
  }

  /** Kills all its processes as kill -9 does. Takes an open session, because connecting would delay the kill. */
  async kill (sql: Sql): Promise<void> {
    const [postmaster] = (await readFile(join(this.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')
    const backends = await sql<{ pid: number }>('select pid from pg_stat_activity')
    for (const pid of [Number(postmaster), ...backends.map(row => row.pid)]) killProcess(pid)
    // Releases the supervisor, which has nothing to stop and ends by itself.
    void this.#running.then(running => running.stop())
  }

  /** Starts it again. PostgreSQL then recovers. */
  async startAgain (): Promise<void> {
    // PostgreSQL refuses to start until the last process of the killed one has ended.
    let failure: unknown
    await until(() => `PostgreSQL starts again (${String(failure)})`, async () => {
      try {
        this.#running = Promise.resolve(await startEmbeddedPostgres(this.directory, this.#settings))
        return true
      } catch (error) {
        failure = error
        return false
      }
    })
  }

  async stop (): Promise<void> {
    await (await this.#running).stop()
  }
}

/** Kills a process as kill -9 does, or sends it another signal; signal 0 does nothing. Returns whether the process existed. */
export function killProcess (pid: number, signal: 'SIGKILL' | 0 = 'SIGKILL'): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/**
 * Returns a port that stays free while PostgreSQL is down. A connection could take an ephemeral port: even a connection to
 * this same port, which would then be connected to itself.
 */
async function freePort (): Promise<number> {
  for (let port = MIN_PORT + process.pid * PORTS_PER_RUN % PORT_COUNT; ; port++) {
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => { resolve(false) }).listen(port, '127.0.0.1', () => { resolve(true) })
    })
    server.close()
    if (isFree) return port
  }
}
