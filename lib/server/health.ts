import type { FastifyPluginAsync } from 'fastify'
import pg from 'pg'
import { assertVersion } from '../migrate.js'

/** Milliseconds: whoever asks wants to know it soon. */
const LIMITS = { lockTimeout: 2_000, statementTimeout: 2_000 }

export interface HealthOptions {
  readonly databaseUrl: string
  readonly schema: string
}

/**
 * `/health/live` answers while the process does, `/health/ready` with 200 while the database does and has the right
 * tables, else with 503. What is wrong stands in the log only.
 */
export const health: FastifyPluginAsync<HealthOptions> = async (scope, { databaseUrl, schema }) => {
  // A connection apart from the pool: a pool that is busy with long loads is no broken one.
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: LIMITS.lockTimeout,
    application_name: 'fastify-telco-numbers health'
  })
  pool.on('error', () => {})
  scope.addHook('onClose', () => pool.end())

  // However many ask at once, the database is asked once.
  let asking: Promise<boolean> | undefined
  const isReady = async (): Promise<boolean> => {
    asking ??= assertVersion(pool, schema, LIMITS).then(() => true, (err: unknown) => {
      scope.log.warn({ err }, 'not ready')
      return false
    }).finally(() => { asking = undefined })
    return await asking
  }

  // Asked every few seconds: no line in the log for each.
  const options = { logLevel: 'warn', schema: { hide: true } } as const
  scope.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'no-store') })
  scope.get('/health/live', options, async () => ({ status: 'ok' }))
  scope.get('/health/ready', options, async (_request, reply) => {
    if (await isReady()) return { status: 'ok' }
    reply.code(503)
    return { status: 'unavailable' }
  })
}
