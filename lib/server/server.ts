import fastify, { type FastifyInstance } from 'fastify'
import { createPool } from '../database/pool.js'
import telcoNumbers from '../index.js'
import { sendError } from '../http/error-handler.js'
import { NotFoundError } from '../http/errors.js'
import { logRequest } from '../http/log-serializers.js'
import type { Configuration } from '../config/configuration.js'
import { Connections } from './connections.js'
import { health } from './health.js'
import { serveIfInstalled } from './optional-packages.js'
import { poolCloser } from './pool-closer.js'
import { requestIdOf, returnRequestId } from './request-id.js'

/** Statuses for data that is not a request, by the code of the error; 400 for all others. */
const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large'
}

/** URLs may contain credentials, and the content of every reply matches its type. */
const SECURITY_HEADERS = { 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' }

/** Returns the stand-alone server, not yet listening: a host with the plugin, documentation, metrics and health checks. */
export async function buildServer (configuration: Configuration, databaseUrl: string): Promise<FastifyInstance> {
  const { logLevel: level, trustProxy, endpoints, schema, httpStatus, documentation, metrics, poolSize } = configuration
  const connections = new Connections(configuration.requestTimeout)
  const app = fastify({
    serverFactory: handler => connections.createServer(handler),
    // Pino's own stream would end the process if the disk is full.
    logger: { level, serializers: { req: logRequest }, stream: process.stdout },
    trustProxy,
    genReqId: requestIdOf,
    // The default handler of Fastify logs the packet, which may contain credentials.
    clientErrorHandler: (error, socket) => {
      app.log.debug({ code: error.code }, 'client error')
      const status = CLIENT_ERRORS[error.code] ?? '400 Bad Request'
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
    },
    // A path that cannot be decoded is also not found.
    frameworkErrors: (_error, request, reply) => {
      sendError(new NotFoundError(), request, reply.headers(SECURITY_HEADERS), httpStatus)
    }
  })
  app.setNotFoundHandler((request, reply) => sendError(new NotFoundError(), request, reply, httpStatus))
  returnRequestId(app)
  app.addHook('onRequest', async (_request, reply) => { reply.headers(SECURITY_HEADERS) })
  connections.attend(app)

  const pool = createPool(databaseUrl, app.log, poolSize)
  const closePool = poolCloser(pool)
  // The hooks of later registrations run earlier.
  app.addHook('onClose', closePool)
  try {
    if (documentation) {
      await serveIfInstalled(app.log, '/documentation', '@fastify/swagger @fastify/swagger-ui', async () => {
        const { serveDocumentation } = await import('./documentation.js')
        await serveDocumentation(app)
      })
    }
    if (metrics) {
      await serveIfInstalled(app.log, '/metrics', 'prom-client', async () => {
        const { serveMetrics } = await import('./metrics.js')
        serveMetrics(app, pool)
      })
    }
    const { prefix, maxRange, maxWaiting, queueTimeout, lockTimeout, statementTimeout, loginThrottleShared } = configuration
    await app.register(telcoNumbers, {
      pool, prefix, endpoints, schema, httpStatus, maxRange, maxWaiting, queueTimeout, lockTimeout, statementTimeout,
      loginThrottle: { shared: loginThrottleShared }
    })
    await app.register(health, { databaseUrl, schema })
  } catch (error) {
    await closePool()
    throw error
  }
  return app
}
