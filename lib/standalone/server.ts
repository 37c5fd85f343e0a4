import fastify, { type FastifyInstance } from 'fastify'
import { NotFoundError } from '../errors.js'
import telcoNumbers from '../index.js'
import { logRequest } from '../wire/log-serializers.js'
import { sendFailure } from '../wire/send-failure.js'
import type { Configuration } from './configuration.js'

/** The stand-alone server: a host with nothing but the plugin, not yet listening. */
export async function buildServer (configuration: Configuration, databaseUrl: string): Promise<FastifyInstance> {
  const { logLevel: level, prefix, schema, httpStatus, maxRange } = configuration
  const app = fastify({
    logger: { level, serializers: { req: logRequest } },
    // Fastify's own handler logs the packet, in which credentials may stand.
    clientErrorHandler: (error, socket) => {
      app.log.debug({ code: error.code }, 'client error')
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    },
    // A path that cannot be decoded is none of ours either.
    frameworkErrors: (_error, request, reply) => { sendFailure(new NotFoundError(), request, reply, httpStatus) }
  })
  app.setNotFoundHandler((request, reply) => sendFailure(new NotFoundError(), request, reply, httpStatus))

  // Otherwise the client of the last reply could keep its connection, and the server, for as long as it likes.
  let isClosing = false
  app.addHook('preClose', async () => { isClosing = true })
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })

  await app.register(telcoNumbers, { connectionString: databaseUrl, prefix, schema, httpStatus, maxRange })
  return app
}
