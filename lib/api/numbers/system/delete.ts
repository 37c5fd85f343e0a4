import { Type } from '@sinclair/typebox'
import type { Endpoint } from '../../../http/endpoint.js'
import { parseTextParameters } from '../../../parameters/from-text.js'
import { DeleteParameters, DeleteRequest } from '../../../parameters/delete.js'

/** `numbers/system/delete`: deletes one number or a range. */
export const deleteNumbers: Endpoint = {
  path: '/numbers/system/delete',
  privilege: 'system',
  summary: 'Deletes one number or a range of numbers',
  description: 'Deletes all the numbers from number to end, or none, and records what they were. Needs the role privilege system.',
  parameters: DeleteParameters,
  replies: {
    200: 'The numbers were deleted: the code in the envelope is 204, and an HTTP reply 204 could not have an envelope.',
    201: 'The input passed validation; sent only for validation=1.',
    404: 'The number does not exist: the key is number. Below the path of the endpoint: the key is empty.'
  },
  data: Type.Optional(Type.Object({
    count: Type.Integer({ minimum: 0, description: 'How many numbers were deleted; absent without end.' })
  })),
  acceptsCachedPerson: false,
  async handle (service, { raw, actor, signal }) {
    const parsed = parseTextParameters(DeleteRequest, raw)
    const { count } = await service.deleteParsed(parsed, actor, { signal })
    if (parsed.parameters.validation === true) return { code: 201, message: 'Input passed validation.', data: { count }, count }
    return { code: 204, message: 'OK', ...parsed.parameters.end !== '' && { data: { count } }, count }
  }
}
