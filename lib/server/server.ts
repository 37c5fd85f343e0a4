import fastify, { type FastifyInstance } from 'fastify'
import { createPool } from '../database/pool.js'
import telcoNumbers from '../index.js'
import { sendError } from '../http/error-handler.js'
import { NotFoundError } from '../http/errors.js'
import { logRequest } from '../http/log-serializers.js'
import type { Configuration } from '../config/configuration.js'
import { health } from './health.js'
import { serveWhereInstalled } from './optional-packages.js'
import { requestIdOf, returnRequestId } from './request-id.js'

/** The stand-alone server, not yet listening: a host with the plugin, and what an operator looks at. */
export async function buildServer (configuration: Configuration, databaseUrl: string): Promise<FastifyInstance> {
  const { logLevel: level, trustProxy, schema, httpStatus, documentation, metrics, poolSize } = configuration
  const app = fastify({
    logger: { level, serializers: { req: logRequest } },
    trustProxy,
    genReqId: requestIdOf,
    // Fastify's own handler logs the packet, in which credentials may stand.
    clientErrorHandler: (error, socket) => {
      app.log.debug({ code: error.code }, 'client error')
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    },
    // A path that cannot be decoded is none of ours either.
    frameworkErrors: (_error, request, reply) => { sendError(new NotFoundError(), request, reply, httpStatus) }
  })
  app.setNotFoundHandler((request, reply) => sendError(new NotFoundError(), request, reply, httpStatus))
  returnRequestId(app)
  letGoOfClients(app)

  const pool = createPool(databaseUrl, app.log, poolSize)
  // The hooks of what is registered later run earlier.
  app.addHook('onClose', () => pool.end())
  try {
    if (documentation) {
      await serveWhereInstalled(app.log, '/documentation', '@fastify/swagger @fastify/swagger-ui', async () => {
        const { serveDocumentation } = await import('./documentation.js')
        await serveDocumentation(app)
      })
    }
    if (metrics) {
      await serveWhereInstalled(app.log, '/metrics', 'prom-client', async () => {
        const { serveMetrics } = await import('./metrics.js')
        serveMetrics(app, pool)
      })
    }
    const { prefix, maxRange, maxWaiting, queueTimeout, lockTimeout, statementTimeout, loginThrottleShared } = configuration
    await app.register(telcoNumbers, {
      pool, prefix, schema, httpStatus, maxRange, maxWaiting, queueTimeout, lockTimeout, statementTimeout,
      loginThrottle: { shared: loginThrottleShared }
    })
    await app.register(health, { databaseUrl, schema })
  } catch (error) {
    await pool.end()
    throw error
  }
  return app
}

/** Otherwise the client of the last reply could keep its connection, and the server, for as long as it likes. */
function letGoOfClients (app: FastifyInstance): void {
  let isClosing = false
  app.addHook('preClose', async () => { isClosing = true })
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
}
