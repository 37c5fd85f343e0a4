import { isDeepStrictEqual } from 'node:util'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { MARKER } from '../model/demo-data.js'
import type { Prediction, Reply } from '../model/contract.js'
import type { WireResponse } from '../wire/response.js'

const STRICT = { additionalProperties: false }

const Envelope = Type.Object({
  responses: Type.Array(Type.Object({
    code: Type.String({ pattern: '^[0-9]{3}$' }),
    key: Type.String(),
    message: Type.String({ minLength: 1 })
  }, STRICT), { minItems: 1 }),
  data: Type.Optional(Type.Union([Type.Object({}), Type.Array(Type.Object({}))]))
}, STRICT)

/** Words of SQL, of a stack trace or of the database, which no message may contain. */
const LEAK = /\b(select|insert into|sqlstate|syntax error|violates|relation|pg_\w+|telco_numbers)\b|\n\s+at |node_modules/i

/** The codes that a server with `always-200` sends with HTTP status 200. */
const CODES_OF_THE_ENDPOINT: readonly string[] = ['200', '201', '204', '400', '401', '402']

/** Returns how a reply violates the contract, or `undefined`. `alwaysOk` is true for a server with `always-200`. */
export function findReplyViolation (
  prediction: Prediction, method: string, response: WireResponse, alwaysOk: boolean
): string | undefined {
  const { status, headers, body } = response
  if (status >= 500) return `HTTP status ${status}`
  if (body.includes(MARKER)) return 'the reply contains a credential'
  if (prediction.kind === 'no request') return status >= 400 ? undefined : `HTTP status ${status} for bytes that are not a request`
  if (prediction.kind === 'host') return status >= 400 ? undefined : `HTTP status ${status} for a path of the host application`

  const expectedStatus = statusOf(prediction, alwaysOk)
  if (status !== expectedStatus) return `HTTP status ${status}, not ${expectedStatus}`
  if (headers.get('cache-control')?.join() !== 'no-store') return `Cache-Control ${headers.get('cache-control')?.join() ?? 'missing'}`
  if (headers.get('content-type')?.join().startsWith('application/json') !== true) return 'Content-Type is not application/json'
  if (prediction.code === '405' && headers.get('allow')?.join() !== 'GET, POST') return 'Allow is not GET, POST'
  const record = headers.get('telco-record')?.join()
  if (prediction.next === undefined ? record !== undefined : !/^[1-9][0-9]*$/.test(record ?? '')) return `Telco-Record ${record ?? 'missing'}`
  return method === 'HEAD' ? undefined : findEnvelopeViolation(prediction, body)
}

/** Returns the HTTP status. HTTP 204 has no body, so a reply with that code has 200. */
function statusOf ({ code, entries }: Reply, alwaysOk: boolean): number {
  const isOfTheEndpoint = CODES_OF_THE_ENDPOINT.includes(code) || (code === '404' && entries.some(({ key }) => key !== ''))
  return code === '204' || (alwaysOk && isOfTheEndpoint) ? 200 : Number(code)
}

function findEnvelopeViolation ({ code, entries, data }: Reply, body: string): string | undefined {
  const envelope = parse(body)
  if (!Value.Check(Envelope, envelope)) return `not an envelope: ${body.slice(0, 300)}`
  const expected = entries.map(({ key }) => `${code} ${key}`).join(', ')
  const found = envelope.responses.map(({ code, key }) => `${code} ${key}`).join(', ')
  if (found !== expected) return `entries ${found}, not ${expected}`
  if (!isDeepStrictEqual(envelope.data, data)) return describeDifference(envelope.data, data)
  if (['200', '204'].includes(code) && envelope.responses[0]?.message !== 'OK') return `the message of ${code} is not OK`
  for (const [index, { key, message }] of envelope.responses.entries()) {
    if (LEAK.test(message)) return `the message of ${code} ${key} contains internals: ${message}`
    const missing = entries[index]?.mentions.find(mention => !message.includes(mention))
    if (missing !== undefined) return `the message of ${code} ${key} does not mention ${missing}: ${message}`
  }
  return undefined
}

function describeDifference (found: unknown, expected: unknown): string {
  if (!Array.isArray(found) || !Array.isArray(expected)) return `data ${textOf(found)}, not ${textOf(expected)}`
  if (found.length !== expected.length) return `${found.length} rows, not ${expected.length}`
  const index = expected.findIndex((row, index) => !isDeepStrictEqual(row, found[index]))
  return `row ${index} is ${textOf(found[index])}, not ${textOf(expected[index])}`
}

function textOf (data: unknown): string {
  return data === undefined ? 'missing' : JSON.stringify(data).slice(0, 300)
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
