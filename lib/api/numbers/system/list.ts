import { Type } from '@sinclair/typebox'
import type { Endpoint } from '../../../http/endpoint.js'
import type { JsonRows } from '../../../http/envelope.js'
import { selectNumbers } from '../../../listing/selection.js'
import { parseTextParameters } from '../../../parameters/from-text.js'
import { ListParameters, ListRequest } from '../../../parameters/list.js'
import type { JsonBatch } from '../../../repository/list-numbers.js'
import { NumberSchema } from './get.js'

/** `numbers/system/list`: returns the numbers that match, or counts them. */
export const list: Endpoint = {
  path: '/numbers/system/list',
  privilege: 'system',
  summary: 'Returns the numbers that match, or their count',
  description: 'Returns numbers from one snapshot, ordered as text. All filters must match. ' +
    'Needs the role privilege system.',
  parameters: ListParameters,
  replies: { 200: 'The numbers; with count=1 their count.' },
  data: Type.Union([
    Type.Array(NumberSchema, { description: 'The numbers.' }),
    Type.Array(Type.Object({ number: Type.String() }), { description: 'With pages=1.' }),
    Type.Object({ count: Type.Integer({ minimum: 0 }) }, { description: 'With count=1.' })
  ]),
  acceptsCachedPerson: false,
  async handle (service, { raw, departure }) {
    const selection = selectNumbers(parseTextParameters(ListRequest, raw))
    if (selection.counts) {
      const count = await service.countSelected(selection, departure)
      return { code: 200, message: 'OK', data: { count }, count }
    }
    const rows = await readFirst(service.listSelected(selection, departure))
    return { code: 200, message: 'OK', rows, count: 0 }
  }
}

/** Batches that are read before a reply begins. */
const FIRST_BATCHES = 4

/**
 * Reads some batches before the reply begins, so that errors are sent in an envelope, and a short list has already released its
 * connection.
 */
async function readFirst (batches: AsyncIterableIterator<JsonBatch>): Promise<JsonRows> {
  const first: JsonBatch[] = []
  for (let count = 0; count < FIRST_BATCHES; count++) {
    const batch = await batches.next()
    if (batch.done === true) return { first, rest: undefined }
    first.push(batch.value)
  }
  return { first, rest: batches }
}
