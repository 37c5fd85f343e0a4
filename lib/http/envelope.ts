import { Type, type Static } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'

const ResponseEntry = Type.Object({
  code: Type.String({ description: 'Three digits, as in the table of responses.' }),
  key: Type.String({ description: 'Name of the parameter that the entry is about, else empty.' }),
  message: Type.String({ description: 'For a person to read.' })
})

/** Which HTTP status the codes of the specification get; see the option `httpStatus`. */
export type HttpStatus = 'code' | 'always-200'

/** The result of a call, for the host's hooks `onSend` and `onResponse`: `reply.telcoNumbers`. */
export interface ReplySummary {
  /** The code of the reply, even if the HTTP status is always 200. */
  readonly code: number
  /** How many numbers were added. */
  readonly count: number
}

/** The first two fields of `responses`, which all have the same code. */
type Entry = Omit<Static<typeof ResponseEntry>, 'code'>

/** Codes that existing clients read in the envelope and do not expect as an HTTP status. */
const SPECIFIED_CODES: ReadonlySet<number> = new Set([200, 201, 400, 401, 402])

/** The name of the envelope in the OpenAPI description of a host. */
export const ENVELOPE_ID = 'TelcoNumbersEnvelope'

/** The schema of a reply: one entry in `responses`, or one for each invalid parameter. Successes also have `data`. */
export const Envelope = Type.Object({
  responses: Type.Array(ResponseEntry, { minItems: 1 })
}, { $id: ENVELOPE_ID })

/** Sends an envelope whose entries all have the code `code`. */
export function sendEnvelope (
  reply: FastifyReply, httpStatus: HttpStatus, code: number, entries: readonly Entry[], data?: { readonly count: number }
): FastifyReply {
  const envelope = {
    responses: entries.map(({ key, message }) => ({ code: String(code), key, message })),
    ...data && { data }
  }
  reply.telcoNumbers = { code, count: data?.count ?? 0 }
  // A string, so that the serializers and preSerialization hooks of the host leave it as it is.
  return reply
    .code(httpStatus === 'always-200' && SPECIFIED_CODES.has(code) ? 200 : code)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(envelope))
}
