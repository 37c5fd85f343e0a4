import { Type } from '@sinclair/typebox'
import type { Endpoint } from '../../../http/endpoint.js'
import { CreateParameters, CreateRequest } from '../../../parameters/create.js'
import { parseTextParameters } from '../../../parameters/from-text.js'

/** `numbers/system/create`: adds one number or a range. */
export const create: Endpoint = {
  path: '/numbers/system/create',
  privilege: 'system',
  summary: 'Adds one number or a range of numbers',
  description: 'Adds all the numbers from start to end, or none. Needs the role privilege system. ' +
    'Parameters may be in the query or in the body of a POST: JSON as described, or a form. In query and form, & or ; separates them.',
  parameters: CreateParameters,
  replies: {
    200: 'The numbers were added.',
    201: 'The input passed validation; sent only for validation=1.'
  },
  data: Type.Object({ count: Type.Integer({ minimum: 0, description: 'How many numbers were added.' }) }),
  examples: [
    { code: 200, message: 'OK', data: { count: 1 }, count: 1 },
    { code: 201, message: 'Input passed validation.', data: { count: 0 }, count: 0 }
  ],
  leavesRecord: true,
  acceptsCachedPerson: true,
  async handle (service, { raw, person: { fingerprint }, actor, request, departure }) {
    const parsed = parseTextParameters(CreateRequest, raw)
    const { id, count } = await service.createParsed(parsed, actor, { fingerprint, request, departure })
    return id === null
      ? { code: 201, message: 'Input passed validation.', data: { count }, count }
      : { code: 200, message: 'OK', data: { count }, record: id, count }
  }
}
