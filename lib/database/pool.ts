import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import pg from 'pg'
import type { Pool } from 'pg'
import { InvalidOptionsError, messageOf } from '../errors.js'
import { sqlStateOf } from './sqlstate.js'

/** A database that is down is reported well before Fastify's time limit for the start of a plugin. */
const CONNECTION_TIMEOUT_MS = 2_500

/** A pool, and a function that closes it. */
export interface OpenPool {
  readonly pool: Pool
  close: () => Promise<void>
}

/**
 * A pool of the host application. The type has only the methods that are called first, because the host may have another version
 * of the types of `pg`, which TypeScript would not accept as ours.
 */
export interface HostPool {
  readonly connect: () => Promise<unknown>
  readonly query: (text: string) => Promise<unknown>
  readonly on: (event: 'error', listener: (error: Error) => void) => unknown
}

interface Source {
  readonly pool?: HostPool
  readonly connectionString?: string
}

/** Returns the pool of the options, or that of `@fastify/postgres` in the host. `close` ends only a pool made here. */
export function openPool ({ pool, connectionString }: Source, host: FastifyInstance): OpenPool {
  if (connectionString !== undefined) {
    const own = createPool(connectionString, host.log)
    return { pool: own, close: () => own.end() }
  }
  const shared = poolFrom(pool ?? poolOfHost(host))
  const stopListening = logLostConnections(shared, host.log)
  return { pool: shared, close: async () => { stopListening() } }
}

/** Recognises a pool by its methods, because the host may have it from another copy of pg. */
export function isPool (pool: unknown): pool is Pool {
  return pool instanceof Object && ['connect', 'query', 'on'].every(name => typeof Reflect.get(pool, name) === 'function')
}

/** @throws InvalidOptionsError */
export function poolFrom (pool: HostPool): Pool {
  if (!isPool(pool)) throw new InvalidOptionsError('option pool must be a pool of pg')
  return pool
}

// As an option of the pool, it would also limit the wait for a free connection, which lockTimeout already limits.
class PunctualClient extends pg.Client {
  constructor (config: pg.ClientConfig = {}) {
    super({ ...config, connectionTimeoutMillis: CONNECTION_TIMEOUT_MS })
  }
}

/** Returns a pool of the plugin's own with at most `size` connections. */
export function createPool (connectionString: string, log: FastifyBaseLogger, size = 10): Pool {
  const pool = new pg.Pool({
    connectionString,
    max: size,
    Client: PunctualClient,
    application_name: 'fastify-telco-numbers'
  })
  // Never removed: a pool that was ended still reports connections that the server closes at the same time.
  logLostConnections(pool, log)
  return pool
}

function poolOfHost (host: FastifyInstance): HostPool {
  const shared = host.hasDecorator('pg') ? host.getDecorator<{ pool?: HostPool }>('pg').pool : undefined
  if (shared === undefined) {
    throw new InvalidOptionsError('set the option pool or connectionString, or first register @fastify/postgres without a name')
  }
  return shared
}

/** Without a listener, an idle connection that the server closes would end the process. */
function logLostConnections (pool: Pool, log: FastifyBaseLogger): () => void {
  // Not the error itself, which contains the whole client, including the key that cancels its queries.
  const onError = (error: Error): void => {
    log.warn({ code: sqlStateOf(error), reason: messageOf(error) }, 'fastify-telco-numbers lost an idle database connection')
  }
  pool.on('error', onError)
  return () => { pool.off('error', onError) }
}
