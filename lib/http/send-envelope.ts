import type { FastifyReply } from 'fastify'
import type { Envelope, ResponseEntry } from './envelope.js'

/** Which HTTP status carries the reply codes of the specification; see the option `httpStatus`. */
export type HttpStatus = 'code' | 'always-200'

/** What a call came to, for hooks of the host: as `reply.telcoNumbers` in `onSend` and `onResponse`. */
export interface ReplySummary {
  /** The code of the reply, also where the HTTP status is always 200. */
  readonly code: number
  /** How many numbers were added. */
  readonly count: number
}

/** Codes that existing clients read in the envelope and do not expect as an HTTP status. */
const CODES_OF_THE_FUNCTION: ReadonlySet<number> = new Set([200, 201, 400, 401, 402])

/** Sends an envelope whose entries all have the code `code`. */
export function sendEnvelope (
  reply: FastifyReply, httpStatus: HttpStatus, code: number,
  entries: ReadonlyArray<Omit<ResponseEntry, 'code'>>, data?: Envelope['data']
): FastifyReply {
  const envelope: Envelope = {
    responses: entries.map(({ key, message }) => ({ code: String(code), key, message })),
    ...data && { data }
  }
  reply.telcoNumbers = { code, count: data?.count ?? 0 }
  // A string, so that the serializers and preSerialization hooks of the host leave it as it is.
  return reply
    .code(httpStatus === 'always-200' && CODES_OF_THE_FUNCTION.has(code) ? 200 : code)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(envelope))
}
