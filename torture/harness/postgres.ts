import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createServer } from 'node:net'
import pg from 'pg'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../lib/server/embedded-postgres.js'
import { until } from './until.js'

// As in production, fsync included; only checkpoints come more often, so that crashes fall into some.
const SETTINGS = ['checkpoint_timeout=30s', 'shared_buffers=256MB']

/** What the connections of the servers call themselves. */
export const APPLICATION = 'fastify-telco-numbers'

/** Below those that Linux and macOS give out by themselves. */
const FIRST_PORT = 12_000
const PORTS = 18_000

export type Sql = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>

/** A PostgreSQL of the run's own, which can be killed and started again with the same data at the same address. */
export class Postgres {
  readonly directory: string
  readonly url: string
  readonly #settings: readonly string[]
  #running: EmbeddedPostgres

  private constructor (directory: string, url: string, settings: readonly string[], running: EmbeddedPostgres) {
    this.directory = directory
    this.url = url
    this.#settings = settings
    this.#running = running
  }

  static async start (directory: string): Promise<Postgres> {
    const port = await freePort()
    // Of a setting that is given twice, the last one holds.
    const settings = [...SETTINGS, `port=${port}`]
    const running = await startEmbeddedPostgres(directory, settings)
    const url = new URL(running.url)
    url.port = String(port)
    return new Postgres(directory, url.href, settings, running)
  }

  /** Where its files are. */
  get dataDirectory (): string {
    return join(this.directory, 'postgres')
  }

  /** Lends a connection of its own to `work`. */
  async session<Result> (work: (sql: Sql) => Promise<Result>): Promise<Result> {
    const client = new pg.Client(this.url)
    // That a fault ends the connection is told by the statement that fails, or does not matter.
    client.on('error', () => {})
    await client.connect()
    try {
      return await work(async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => (
        (await client.query<Row>(text, values)).rows))
    } finally {
      await client.end().catch(() => {})
    }
  }

  /** As kill -9 of all its processes does. Takes a session, so that there is no delay. */
  async kill (sql: Sql): Promise<void> {
    const [first] = (await readFile(join(this.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')
    const children = await sql<{ pid: number }>('select pid from pg_stat_activity')
    for (const pid of [Number(first), ...children.map(row => row.pid)]) killProcess(pid)
    // The process that looked after it is let go; it has nothing to stop and ends by itself.
    void this.#running.stop()
  }

  /** Starts it again; it recovers. */
  async startAgain (): Promise<void> {
    // Until the last process of the old one has noticed, the new one refuses to start.
    let failure: unknown
    await until(() => `PostgreSQL starts again (${String(failure)})`, async () => {
      try {
        this.#running = await startEmbeddedPostgres(this.directory, this.#settings)
        return true
      } catch (error) {
        failure = error
        return false
      }
    })
  }

  async stop (): Promise<void> {
    await this.#running.stop()
  }
}

/** As kill -9 does; tells whether there was such a process. */
export function killProcess (pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/**
 * A port that stays free while PostgreSQL is down. One that the system gives out could be taken by a connection: even
 * by one to this very port, which then is connected to itself.
 */
async function freePort (): Promise<number> {
  for (let port = FIRST_PORT + process.pid % PORTS; ; port++) {
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => { resolve(false) }).listen(port, '127.0.0.1', () => { resolve(true) })
    })
    server.close()
    if (isFree) return port
  }
}
