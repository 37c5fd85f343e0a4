import { APPLICATION, killProcess, type Postgres, type Sql } from './harness/postgres.js'
import type { Server } from './harness/server.js'
import type { SmallDisk } from './harness/small-disk.js'
import { until } from './harness/until.js'

/** The targets of a fault. */
export interface FaultContext {
  readonly postgres: Postgres
  /** The server that receives the large load of the round. */
  readonly server: Server
  readonly disk: SmallDisk
  /** A session that was opened before the fault. */
  readonly sql: Sql
}

/** One kind of failure, and how it is repaired. */
export interface Fault {
  readonly name: string
  /** The component that fails: it determines which otherwise wrong replies are allowed meanwhile. */
  readonly affects: 'server' | 'database' | 'disk'
  /** Returns whether the fault could be injected. */
  inject: (context: FaultContext) => Promise<boolean>
  /** Repairs what does not recover by itself. */
  repair: (context: FaultContext) => Promise<void>
}

/** All faults. Each is injected as often as the others. */
export const FAULTS: readonly [Fault, ...Fault[]] = [
  {
    name: 'kill -9 of the server',
    affects: 'server',
    inject: async ({ server }) => {
      await server.kill()
      return true
    },
    repair: ({ server }) => server.startAgain()
  },
  {
    name: 'kill -9 of a backend',
    affects: 'database',
    // PostgreSQL then ends all connections and recovers.
    inject: async ({ sql }) => killProcess(await busyBackend(sql)),
    repair: async () => {}
  },
  {
    name: 'kill -9 of PostgreSQL',
    affects: 'database',
    inject: async ({ postgres, sql }) => {
      await postgres.kill(sql)
      return true
    },
    repair: ({ postgres }) => postgres.startAgain()
  },
  {
    name: 'pg_terminate_backend',
    affects: 'database',
    inject: async ({ sql }) => {
      const [row] = await sql<{ isTerminated: boolean }>('select pg_terminate_backend($1) as "isTerminated"', [await busyBackend(sql)])
      return row?.isTerminated ?? false
    },
    repair: async () => {}
  },
  {
    name: 'disk full',
    affects: 'disk',
    inject: ({ disk, sql }) => disk.fill(sql),
    repair: ({ disk }) => disk.empty()
  }
]

/** Returns the backend of the oldest open transaction of a server, or any backend of a server if no transaction is open. */
async function busyBackend (sql: Sql): Promise<number> {
  let pid = 0
  await until('a server connects to the database', async () => {
    const [backend] = await sql<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = '${APPLICATION}' order by xact_start nulls last limit 1`)
    pid = backend?.pid ?? 0
    return pid > 0
  })
  return pid
}
