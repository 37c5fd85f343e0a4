import { APPLICATION, killProcess, type Postgres, type Sql } from './harness/postgres.js'
import type { Server } from './harness/server.js'
import type { SmallDisk } from './harness/small-disk.js'
import { until } from './harness/until.js'

/** What a fault can be done to. */
export interface Victims {
  readonly postgres: Postgres
  /** The server that the largest load is sent to. */
  readonly server: Server
  readonly disk: SmallDisk
  /** A session that was open before. */
  readonly sql: Sql
}

/** One thing that goes wrong. */
export interface Fault {
  readonly name: string
  /** Where it happens: replies that are wrong otherwise are right there. */
  readonly hurts: 'server' | 'database' | 'disk'
  /** Tells whether it could be done. */
  strike: (victims: Victims) => Promise<boolean>
  /** Makes good what does not come back by itself. */
  repair: (victims: Victims) => Promise<void>
}

/** The faults, each of which comes as often as the others. */
export const FAULTS: readonly [Fault, ...Fault[]] = [
  {
    name: 'kill -9 of the server',
    hurts: 'server',
    strike: async ({ server }) => {
      await server.kill()
      return true
    },
    repair: ({ server }) => server.startAgain()
  },
  {
    name: 'kill -9 of a backend',
    hurts: 'database',
    // PostgreSQL ends all connections then, and recovers.
    strike: async ({ sql }) => killProcess(await busyBackend(sql)),
    repair: async () => {}
  },
  {
    name: 'kill -9 of PostgreSQL',
    hurts: 'database',
    strike: async ({ postgres, sql }) => {
      await postgres.kill(sql)
      return true
    },
    repair: ({ postgres }) => postgres.startAgain()
  },
  {
    name: 'pg_terminate_backend',
    hurts: 'database',
    strike: async ({ sql }) => {
      const [row] = await sql<{ isDone: boolean }>('select pg_terminate_backend($1) as "isDone"', [await busyBackend(sql)])
      return row?.isDone ?? false
    },
    repair: async () => {}
  },
  {
    name: 'disk full',
    hurts: 'disk',
    strike: ({ disk, sql }) => disk.fill(sql),
    repair: ({ disk }) => disk.empty()
  }
]

/** The connection of a server that has been in a transaction for longest, or any where none is. */
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
