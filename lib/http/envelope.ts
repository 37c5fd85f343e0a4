import { finished, Readable } from 'node:stream'
import { Type, type Static } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'

const ResponseEntry = Type.Object({
  code: Type.String({ description: 'Three digits, as in the table of responses.' }),
  key: Type.String({ description: 'Name of the parameter that the entry is about, else empty.' }),
  message: Type.String({ description: 'For a person to read.' })
})

/** The HTTP status of the codes of the specification; see the option `httpStatus`. */
export type HttpStatus = 'code' | 'always-200'

/** The result of a call, for the host's hooks `onSend` and `onResponse`: `reply.telcoNumbers`. */
export interface ReplySummary {
  /** The code of the reply, even if the HTTP status is always 200. */
  readonly code: number
  /**
   * Count of numbers that were added, returned or counted. For a streamed list, those sent so far; in `onResponse`, all of them.
   */
  readonly count: number
}

/** Rows as JSON, separated by commas, and their count. */
interface JsonBatch {
  readonly json: string
  readonly count: number
}

/** Rows of an array: the first ones, and the others, if any, as they are read from the database. */
export interface JsonRows {
  readonly first: readonly JsonBatch[]
  readonly rest: AsyncIterableIterator<JsonBatch> | undefined
}

/** The content of an envelope after `responses`: JSON, or the rows of an array. */
export interface EnvelopeContent {
  readonly data?: unknown
  readonly rows?: JsonRows
  /** Identifier of the load or change that the call has created, if any. */
  readonly record?: string | null
  /** Count of numbers that the call added, returned or counted, except streamed rows, which are counted as they are sent. */
  readonly count: number
}

/** The first two fields of `responses`, which all have the same code. */
type Entry = Omit<Static<typeof ResponseEntry>, 'code'>

/** Codes that existing clients read from the envelope and do not expect as an HTTP status. */
const SPECIFIED_CODES: ReadonlySet<number> = new Set([200, 201, 204, 400, 401, 402])

/** The name of the envelope in the OpenAPI description of a host. */
export const ENVELOPE_ID = 'TelcoNumbersEnvelope'

/** The schema of a reply: one entry in `responses`, or one for each invalid parameter. Successes also have `data`. */
export const Envelope = Type.Object({
  responses: Type.Array(ResponseEntry, { minItems: 1 })
}, { $id: ENVELOPE_ID })

/** The header with the identifier of the load or change that a call has created. */
export const RECORD_HEADER = 'Telco-Record'

/** Sends an envelope whose entries all have the code `code`. */
export function sendEnvelope (
  reply: FastifyReply, httpStatus: HttpStatus, code: number, entries: readonly Entry[], content: EnvelopeContent = { count: 0 }
): FastifyReply {
  const { data, rows, record, count } = content
  const responses = entries.map(({ key, message }) => ({ code: String(code), key, message }))
  reply.telcoNumbers = { code, count: rows?.first.reduce((sum, batch) => sum + batch.count, 0) ?? count }
  if (record != null) reply.header(RECORD_HEADER, record)
  // Text, so that the serializers and preSerialization hooks of the host do not change it.
  return reply
    .code(statusOf(code, httpStatus, entries))
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(rows === undefined ? JSON.stringify({ responses, data }) : textOfRows(reply, JSON.stringify({ responses }), rows))
}

/** An envelope with code 204 is sent with 200, because HTTP 204 has no body. Only the 404 of an endpoint has a key. */
function statusOf (code: number, httpStatus: HttpStatus, entries: readonly Entry[]): number {
  const isSpecified = SPECIFIED_CODES.has(code) || (code === 404 && entries.some(({ key }) => key !== ''))
  return code === 204 || (httpStatus === 'always-200' && isSpecified) ? 200 : code
}

function textOfRows (reply: FastifyReply, envelope: string, { first, rest }: JsonRows): string | Readable {
  const text = `${envelope.slice(0, -1)},"data":[${first.map(({ json }) => json).join()}`
  if (rest === undefined) return `${text}]}`
  // Not in the generator, which would not run if the stream is destroyed before it is read.
  finished(reply.raw, () => { void rest.return?.() })
  return Readable.from(stream(reply, text, rest), { highWaterMark: 2 })
}

async function* stream (reply: FastifyReply, text: string, rest: AsyncIterable<JsonBatch>): AsyncGenerator<string> {
  yield text
  for await (const batch of rest) {
    const { telcoNumbers: summary } = reply
    reply.telcoNumbers = { code: 200, count: Number(summary?.count) + batch.count }
    // Joining them would copy the batch.
    yield ','
    yield batch.json
  }
  yield ']}'
}
