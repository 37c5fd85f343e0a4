import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The file, below the data directory, that holds the connection string while PostgreSQL runs; for its owner only. */
export const DATABASE_URL_FILE = 'database-url'

/** A running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  /** Connection string with the password in it: not for a log. */
  readonly url: string
  readonly isNew: boolean
  stop: () => Promise<void>
}

/** The embedded PostgreSQL could not start; the message says why, and what to do. */
export class EmbeddedPostgresError extends Error {}

/** What the process that looks after PostgreSQL says to the one that started it. */
export type SupervisorMessage =
  | { readonly ready: { readonly url: string, readonly isNew: boolean } }
  | { readonly failed: string }

/**
 * Starts the embedded PostgreSQL, a devDependency of this package, with its data in `directory`.
 * It runs below a process of its own: a Ctrl-C in the terminal reaches the server only, which closes in order,
 * and if the server is killed, PostgreSQL still stops.
 */
export async function startEmbeddedPostgres (directory: string, settings: readonly string[] = []): Promise<EmbeddedPostgres> {
  const extension = import.meta.url.slice(-2)
  const supervisor = fork(fileURLToPath(new URL(`postgres-supervisor.${extension}`, import.meta.url)), [resolve(directory), ...settings], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  const exit = once(supervisor, 'exit')
  const { url, isNew } = await readiness(supervisor)
  return {
    url,
    isNew,
    stop: async () => {
      if (supervisor.connected) supervisor.disconnect()
      await exit
    }
  }
}

async function readiness (supervisor: ChildProcess): Promise<{ url: string, isNew: boolean }> {
  return await new Promise((resolve, reject) => {
    supervisor.once('exit', code => {
      reject(new EmbeddedPostgresError(`the process that runs the embedded PostgreSQL ended with code ${code ?? 'none'}`))
    })
    supervisor.once('message', (message: SupervisorMessage) => {
      if ('ready' in message) resolve(message.ready)
      else reject(new EmbeddedPostgresError(message.failed))
    })
  })
}
