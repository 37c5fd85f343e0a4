import { Type } from '@sinclair/typebox'
import type { Endpoint } from '../../../http/endpoint.js'
import { parseTextParameters } from '../../../parameters/from-text.js'
import { GetParameters, GetRequest } from '../../../parameters/get.js'

/** The schema of a number. */
export const NumberSchema = Type.Object({
  number: Type.String(),
  alias: Type.String({ description: 'Empty for no alias.' }),
  class: Type.Integer(),
  ingroup: Type.Integer(),
  customer: Type.Integer({ description: '0 for a number of no customer.' }),
  region: Type.Integer({ description: '0 for no region.' }),
  stype: Type.String({ description: 'number or callerid.' }),
  load: Type.String({ description: 'Identifier of the load that added the number.' })
})

/** `numbers/system/get`: returns one number. */
export const get: Endpoint = {
  path: '/numbers/system/get',
  privilege: 'system',
  summary: 'Returns one number',
  description: 'Returns one number with its attributes. Needs the role privilege system.',
  parameters: GetParameters,
  replies: {
    200: 'The number.',
    404: 'The number does not exist, and the key is number. Or the path is below that of the endpoint, and the key is empty.'
  },
  data: NumberSchema,
  acceptsCachedPerson: true,
  async handle (service, { raw, person: { username, fingerprint }, departure }) {
    const data = await service.getParsed(parseTextParameters(GetRequest, raw), username, { fingerprint, departure })
    return { code: 200, message: 'OK', data, count: 1 }
  }
}
