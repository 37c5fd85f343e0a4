import { Type, type TSchema } from '@sinclair/typebox'
import { ENVELOPE_ID, RECORD_HEADER } from './envelope.js'
import { mediaTypeMessage, MESSAGES } from './error-handler.js'

/** The meanings of the codes of every endpoint; those up to 404 are the specification's. */
const SHARED_REPLIES = {
  400: 'One or more parameters are invalid: each has an entry with its name as the key, and a message.',
  401: 'The credentials are missing or wrong, or the person is disabled.',
  402: 'The role of the person lacks the privilege of the endpoint.',
  404: 'This endpoint does not exist.',
  405: 'Only GET and POST are allowed.',
  413: 'The body is too large.',
  415: 'The body has a media type other than application/x-www-form-urlencoded and application/json.',
  429: 'Too many requests, or too many wrong passwords: Retry-After is the time to wait.',
  500: 'The service failed.',
  503: 'The service or its database is busy or cannot be reached: Retry-After is the time to wait.'
} as const

const RECORD_HEADERS = {
  [RECORD_HEADER]: Type.String({ description: 'Identifier of the load or change, to show it or to undo it.' })
}

interface Described {
  readonly replies: Readonly<Record<number, string>>
  readonly data: TSchema
  readonly leavesRecord?: true
  readonly acceptsFile?: true
  readonly examples?: ReadonlyArray<{ readonly code: number, readonly message: string, readonly data?: unknown }>
}

/**
 * Returns the schema of each reply of an endpoint, by code, with an example. All refer to the shared schema of the envelope;
 * successes add `data` to it.
 */
export function replySchemas (
  { replies, data, leavesRecord, acceptsFile, examples = [] }: Described
): Record<string, TSchema> {
  const envelope = Type.Ref(ENVELOPE_ID)
  return Object.fromEntries(Object.entries({ ...SHARED_REPLIES, ...replies }).map(([code, description]) => {
    const isSuccess = code.startsWith('2')
    // An error gets an object as well, because @fastify/swagger drops the siblings of a reference.
    const more = Type.Object(isSuccess ? { data } : {})
    const failure = { message: code === '415' ? mediaTypeMessage(acceptsFile === true) : MESSAGES[Number(code)], data: undefined }
    const example = isSuccess ? examples.find(example => String(example.code) === code) : failure
    return [code, {
      ...Type.Intersect([envelope, more]),
      'x-response-description': description,
      ...code === '200' && leavesRecord === true && { headers: RECORD_HEADERS },
      ...example !== undefined && {
        'x-examples': { example: { value: { responses: [{ code, key: '', ...entryOf(code, example.message) }], data: example.data } } }
      }
    }]
  }))
}

function entryOf (code: string, message: string | undefined): { readonly key?: string, readonly message: string | undefined } {
  return code === '400' ? { key: 'start', message: 'start must be 1 to 32 digits, digits only: no +, spaces or dashes' } : { message }
}
