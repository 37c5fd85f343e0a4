import { autocommit } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'
import type { Load } from '../loads/plan.js'
import type { Database } from './database.js'
import type { Actor } from './insert-load.js'

/** A load of one number that nobody is charged for, and who caused it. */
export interface SingleLoad {
  readonly load: Load
  readonly actor: Actor
  /** That of the person as they were last looked up; without one, nothing is asked about the person. */
  readonly fingerprint?: string | undefined
}

const INSERT_SINGLE_LOADS = 'select id, number from :"schema".insert_single_loads($1, $2)'

/**
 * Inserts loads of different numbers, each of one number, in a transaction, and returns their identifiers. A load that has
 * none has something in its way, or its fingerprint does not hold any more, and nothing of it was written. `longestWait`, in
 * milliseconds, is for one lock.
 */
export async function insertSingleLoads (
  { pool, schema, limits }: Database, loads: readonly SingleLoad[], longestWait: number
): Promise<Map<SingleLoad, string>> {
  const byNumber = new Map(loads.map(single => [single.load.numbers.first, single]))
  const wanted = [...byNumber].map(([number, { load: { request, aliases }, actor, fingerprint }]) => ({
    ...actor,
    fingerprint,
    number,
    alias: aliases?.first,
    class: request.class,
    ingroup: request.ingroup,
    customer: request.customer || null,
    region: request.region || null,
    stype: request.stype
  }))
  const { rows } = await autocommit<{ id: string, number: string }>(
    pool, limits, inSchema(schema, INSERT_SINGLE_LOADS), [JSON.stringify(wanted), longestWait])
  const identifiers = new Map<SingleLoad, string>()
  for (const { id, number } of rows) {
    const single = byNumber.get(number)
    if (single !== undefined) identifiers.set(single, id)
  }
  return identifiers
}
