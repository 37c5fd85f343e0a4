import type { FastifyPluginAsync } from 'fastify'
import pg from 'pg'
import { assertVersion } from '../migrate.js'

/** Short, because a probe does not wait long. */
const LIMITS = { lockTimeout: 2_000, statementTimeout: 2_000 }

export interface HealthOptions {
  readonly databaseUrl: string
  readonly schema: string
}

/**
 * Serves `/health/live`, which replies while the process runs, and `/health/ready`, which replies 200 if the database answers
 * and has the tables of this version, else 503. Only the log has the reason.
 */
export const health: FastifyPluginAsync<HealthOptions> = async (scope, { databaseUrl, schema }) => {
  // A separate connection, because a pool that is busy with long loads is not unhealthy.
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: LIMITS.lockTimeout,
    application_name: 'fastify-telco-numbers health'
  })
  pool.on('error', () => {})
  scope.addHook('onClose', () => pool.end())

  // Simultaneous probes share one query.
  let check: Promise<boolean> | undefined
  const isReady = async (): Promise<boolean> => {
    check ??= assertVersion(pool, schema, LIMITS).then(() => true, (err: unknown) => {
      scope.log.warn({ err }, 'not ready')
      return false
    }).finally(() => { check = undefined })
    return await check
  }

  // Probes are frequent, and are therefore not logged.
  const options = { logLevel: 'warn', schema: { hide: true } } as const
  scope.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'no-store') })
  scope.get('/health/live', options, async () => ({ status: 'ok' }))
  scope.get('/health/ready', options, async (_request, reply) => {
    if (await isReady()) return { status: 'ok' }
    reply.code(503)
    return { status: 'unavailable' }
  })
}
