import { changeReplies, replyToChange } from '../../../http/change-reply.js'
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
  ...changeReplies('deleted'),
  acceptsCachedPerson: false,
  async handle (service, { raw, actor, request, departure }) {
    const parsed = parseTextParameters(DeleteRequest, raw)
    return replyToChange(await service.deleteParsed(parsed, actor, { request, departure }), parsed.parameters)
  }
}
