import type { TSchema } from '@sinclair/typebox'
import { envelopeSchema } from './envelope.js'

/** What the codes that every endpoint has mean; those of 404 and below are the specification's. */
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

interface Described {
  readonly replies: Readonly<Record<number, string>>
  readonly data: TSchema
}

/** Returns the schema of each reply of an endpoint, by code. */
export function replySchemas ({ replies, data }: Described): Record<string, TSchema> {
  const envelope = envelopeSchema(data)
  return Object.fromEntries(Object.entries({ ...replies, ...SHARED_REPLIES }).map(
    ([code, description]) => [code, { ...envelope, description }]))
}
