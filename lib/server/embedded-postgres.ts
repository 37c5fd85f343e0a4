import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import createError from '@fastify/error'
import { SECRETS } from '../config/secrets.js'

/** A file in the data directory with the connection string, which exists while PostgreSQL runs. Only its owner can read it. */
export const DATABASE_URL_FILE = 'database-url'

/** A running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  /** Connection string with the password: never log it. */
  readonly url: string
  readonly isNew: boolean
  /** Resolves when PostgreSQL has ended, whether it was stopped or not. */
  readonly ended: Promise<void>
  stop: () => Promise<void>
}

/** The embedded PostgreSQL could not start; the message has the reason and a remedy. */
export const EmbeddedPostgresError = createError<[string]>('TELCO_NUMBERS_EMBEDDED_POSTGRES', '%s')

/** A message from the supervisor to the process that started it. */
export type SupervisorMessage =
  | { readonly ready: { readonly url: string, readonly isNew: boolean } }
  | { readonly failed: string }

/**
 * Starts the embedded PostgreSQL, a devDependency of this package, with its data in `directory`. It is a child of a supervisor
 * process, so that a Ctrl-C in the terminal reaches only the server, which closes before PostgreSQL does. If the server is
 * killed, the supervisor stops PostgreSQL.
 */
export async function startEmbeddedPostgres (directory: string, settings: readonly string[] = []): Promise<EmbeddedPostgres> {
  const extension = import.meta.url.slice(-2)
  const supervisor = fork(fileURLToPath(new URL(`postgres-supervisor.${extension}`, import.meta.url)), [resolve(directory), ...settings], {
    // PostgreSQL needs no secrets, and every process of its user could read them.
    env: { ...process.env, ...Object.fromEntries(SECRETS.map(name => [name, undefined])) },
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  const exit = once(supervisor, 'exit')
  const ended = new Promise<void>(resolve => {
    // If the supervisor was killed, PostgreSQL runs on.
    supervisor.once('exit', code => { if (code !== null) resolve() })
  })
  const { url, isNew } = await waitUntilReady(supervisor)
  return {
    url,
    isNew,
    ended,
    stop: async () => {
      if (supervisor.connected) supervisor.disconnect()
      await exit
    }
  }
}

async function waitUntilReady (supervisor: ChildProcess): Promise<{ url: string, isNew: boolean }> {
  return await new Promise((resolve, reject) => {
    supervisor.once('exit', code => {
      reject(new EmbeddedPostgresError(`the supervisor of the embedded PostgreSQL ended with code ${code ?? 'none'}`))
    })
    supervisor.once('message', (message: SupervisorMessage) => {
      if ('ready' in message) resolve(message.ready)
      else reject(new EmbeddedPostgresError(message.failed))
    })
  })
}
