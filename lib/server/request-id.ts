import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

const HEADER = 'x-request-id'

/** What a proxy may call a request; anything else could be meant for whoever reads the log. */
const SAFE = /^[\w.:-]{1,128}$/

/** The identifier that came with a request, or one of our own. */
export function requestIdOf ({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[HEADER]
  return typeof given === 'string' && SAFE.test(given) ? given : randomUUID()
}

/** Returns the identifier with every reply, so that a caller can name it to the operator, who finds it in the log. */
export function returnRequestId (app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => { reply.header(HEADER, request.id) })
}
