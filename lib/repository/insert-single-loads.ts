import type { Query } from '../database/client.js'
import { inSchema } from '../database/schema-name.js'
import type { Load } from '../loads/plan.js'
import type { Origin } from './insert-load.js'

/** A load of one number that nobody is charged for, and who caused it. */
export interface SingleLoad {
  readonly load: Load
  readonly origin: Origin
}

const INSERT_SINGLE_LOADS = 'select id, number from :"schema".insert_single_loads($1)'

/**
 * Inserts loads of different numbers, each of one number, and returns their identifiers. A load that has none has
 * something in its way, and nothing of it was written.
 */
export async function insertSingleLoads (
  query: Query, schema: string, loads: readonly SingleLoad[]
): Promise<Map<SingleLoad, string>> {
  const byNumber = new Map(loads.map(single => [single.load.numbers.first, single]))
  const wanted = [...byNumber].map(([number, { load: { request, aliases }, origin }]) => ({
    ...origin,
    number,
    alias: aliases?.first,
    class: request.class,
    ingroup: request.ingroup,
    customer: request.customer || null,
    region: request.region || null,
    stype: request.stype
  }))
  const { rows } = await query<{ id: string, number: string }>(inSchema(schema, INSERT_SINGLE_LOADS), [JSON.stringify(wanted)])
  const identifiers = new Map<SingleLoad, string>()
  for (const { id, number } of rows) {
    const single = byNumber.get(number)
    if (single !== undefined) identifiers.set(single, id)
  }
  return identifiers
}
