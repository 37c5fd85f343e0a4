import { Type } from '@sinclair/typebox'
import type { Change } from '../changes/change.js'
import type { EndpointReply } from './endpoint.js'

/**
 * Returns the meanings of the codes of an endpoint that changes numbers, and its data; `done` is the participle for its numbers.
 */
export function changeReplies (done: 'changed' | 'deleted') {
  return {
    replies: {
      200: `The numbers were ${done}. The code in the envelope is 204, but HTTP 204 could not have an envelope.`,
      201: 'The input passed validation; sent only for validation=1.',
      404: 'The number does not exist, and the key is number. Or the path is below that of the endpoint, and the key is empty.'
    },
    leavesRecord: true,
    data: Type.Optional(Type.Object({
      count: Type.Integer({ minimum: 0, description: `How many numbers were ${done}; absent without end.` })
    }))
  } as const
}

/** Returns the reply to a call that changed numbers, or only validated the change. */
export function replyToChange (
  { id, count }: Change, { validation, end }: { readonly validation?: boolean, readonly end?: string }
): EndpointReply {
  if (validation === true) return { code: 201, message: 'Input passed validation.', data: { count }, count }
  return { code: 204, message: 'OK', record: id, ...end !== '' && { data: { count } }, count }
}
