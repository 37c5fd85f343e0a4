import { Type } from '@sinclair/typebox'
import type { Endpoint } from '../../../http/endpoint.js'
import { parseTextParameters } from '../../../parameters/from-text.js'
import { ImportParameters, ImportRequest } from '../../../parameters/import.js'

/** `numbers/system/import`: adds the numbers of a list or of CSV. */
export const importNumbers: Endpoint = {
  path: '/numbers/system/import',
  privilege: 'system',
  summary: 'Adds the numbers of a list or of CSV',
  description: 'Adds all the numbers of a file, or none. Needs the role privilege system. ' +
    'The file is the parameter csv, or a text/csv or text/plain body with the other parameters in the query.',
  parameters: ImportParameters,
  replies: {
    200: 'The numbers were added.',
    201: 'The file passed validation; sent only for validation=1.',
    415: 'The body has a media type other than application/x-www-form-urlencoded, application/json, text/csv and text/plain.'
  },
  data: Type.Object({
    count: Type.Integer({ minimum: 0, description: 'How many numbers were added.' }),
    numbers: Type.Optional(Type.Integer({ minimum: 0, description: 'With validation=1: how many numbers would be added.' })),
    ranges: Type.Optional(Type.Integer({ minimum: 0, description: 'With validation=1: how many ranges these numbers are.' }))
  }),
  leavesRecord: true,
  acceptsCachedPerson: false,
  acceptsFile: true,
  async handle (service, { raw, file, actor, request, departure }) {
    const parsed = parseTextParameters(ImportRequest, raw)
    const { csv } = parsed.parameters
    if (csv === undefined && file === undefined) parsed.issues.add('csv', `csv is missing: csv ${String(ImportRequest.properties.csv.hint)}. Or send the file as the body, with the Content-Type text/csv`)
    if (csv !== undefined && file !== undefined) parsed.issues.add('csv', 'csv is given more than once: send it in the body only')
    const { id, count, numbers, ranges } = await service.importSource(file ?? csv ?? '', parsed, actor, { request, departure })
    return id === null
      ? { code: 201, message: 'Input passed validation.', data: { count, numbers, ranges }, count }
      : { code: 200, message: 'OK', data: { count }, record: id, count }
  }
}
