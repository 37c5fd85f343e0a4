import type { Database } from '../database/database.js'
import { loadRow, type Actor, type Load } from './insert-load.js'

/** A load of one number for which no customer is charged. */
export interface SingleLoad {
  readonly load: Load
  readonly actor: Actor
  /** That of the person as last looked up; without it, the statement does not check the person. */
  readonly fingerprint?: string | undefined
}

const INSERT_SINGLE_LOADS = 'select id, number from :"schema".insert_single_loads(:given, :lock_timeout_ms)'

/**
 * Inserts loads of different numbers, each of one number, in one transaction, and returns their identifiers. A load without
 * an identifier was not inserted: something prevents it, or its person has another fingerprint now. `lockTimeout`, in
 * milliseconds, limits the wait for one lock.
 */
export async function insertSingleLoads (
  database: Database, loads: readonly SingleLoad[], lockTimeout: number
): Promise<Map<SingleLoad, string>> {
  const byNumber = new Map(loads.map(single => [single.load.numbers.first, single]))
  const given = [...byNumber.values()].map(({ load, actor, fingerprint }) => ({ ...loadRow(load, actor), fingerprint }))
  const { rows } = await database.autocommit<{ id: string, number: string }>(
    INSERT_SINGLE_LOADS, { given: JSON.stringify(given), lock_timeout_ms: lockTimeout })
  const identifiers = new Map<SingleLoad, string>()
  for (const { id, number } of rows) {
    const single = byNumber.get(number)
    if (single !== undefined) identifiers.set(single, id)
  }
  return identifiers
}
