import { Type, type Static } from '@sinclair/typebox'

const ResponseEntry = Type.Object({
  code: Type.String({ description: 'Three digits; what they mean stands in the table of responses.' }),
  key: Type.String({ description: 'Name of the parameter that the entry is about, else empty.' }),
  message: Type.String({ description: 'For a person to read.' })
})

/** The body of every reply: one entry in `responses`, or one per invalid parameter; `data` where something was counted. */
export const Envelope = Type.Object({
  responses: Type.Array(ResponseEntry, { minItems: 1 }),
  data: Type.Optional(Type.Object({ count: Type.Integer({ minimum: 0, description: 'How many numbers were added.' }) }))
})

export type ResponseEntry = Static<typeof ResponseEntry>
export type Envelope = Static<typeof Envelope>

/** The reply codes of the function, as the specification describes them, and those that any HTTP service has. */
export const RESPONSE_DESCRIPTIONS = {
  200: 'The numbers were added.',
  201: 'The input passed validation; sent only for validation=1.',
  400: 'One or more parameters are invalid: one entry each, key and message tell which and why.',
  401: 'The credentials are missing or wrong, or the person may not log in.',
  402: 'The role of the person lacks the privilege system.',
  404: 'There is no such function.',
  405: 'Only GET and POST are allowed.',
  413: 'The body is too large.',
  415: 'The body has a media type other than application/x-www-form-urlencoded and application/json.',
  429: 'Too many requests, or too many wrong passwords: Retry-After tells when to come back.',
  500: 'The service failed.',
  503: 'The service or its database is busy or cannot be reached: Retry-After tells when to come back.'
} as const
