import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

const HEADER = 'x-request-id'

/** Identifiers that are accepted from a proxy; others could inject text into the log. */
const SAFE = /^[\w.:-]{1,128}$/

/** Returns the identifier in the header of a request, or a new one. */
export function requestIdOf ({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[HEADER]
  return typeof given === 'string' && SAFE.test(given) ? given : randomUUID()
}

/** Adds the identifier to every reply, so that a caller can report it and the operator can find it in the log. */
export function returnRequestId (app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => { reply.header(HEADER, request.id) })
}
