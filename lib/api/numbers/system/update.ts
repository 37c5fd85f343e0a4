import { changeReplies, replyToChange } from '../../../http/change-reply.js'
import type { Endpoint } from '../../../http/endpoint.js'
import { parseTextParameters } from '../../../parameters/from-text.js'
import { UpdateParameters, UpdateRequest } from '../../../parameters/update.js'

/** `numbers/system/update`: changes one number or a range. */
export const update: Endpoint = {
  path: '/numbers/system/update',
  privilege: 'system',
  summary: 'Changes one number or a range of numbers',
  description: 'Changes all the numbers from number to end, or none, and records what they were. Needs the role privilege system.',
  parameters: UpdateParameters,
  ...changeReplies('changed'),
  acceptsCachedPerson: false,
  async handle (service, { raw, actor, request, departure }) {
    const parsed = parseTextParameters(UpdateRequest, raw)
    return replyToChange(await service.updateParsed(parsed, actor, { request, departure }), parsed.parameters)
  }
}
