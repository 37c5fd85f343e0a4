import { Batcher } from '../concurrency/batcher.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { DatabaseUnavailableError } from '../errors.js'
import type { Database } from '../repository/database.js'
import { insertSingleLoads, type SingleLoad } from '../repository/insert-single-loads.js'
import type { Plan } from './plan.js'

const CALLS = { calls: 1, items: 100 }

/** Milliseconds that the loads of one statement wait for a lock that may concern one of them only. */
const BATCH_LOCK_TIMEOUT_MS = 200

/** Where single loads are handed in; see {@link batchSingleLoads}. */
export type SingleLoads = Batcher<SingleLoad, string | undefined>

/** Whether a load may share its statement with others, if it can be done: one number, added indeed, and nobody is charged. */
export function isSingle ({ parameters, numbers }: Plan): boolean {
  return numbers?.count === 1 && parameters.charge_customer !== true && parameters.validation !== true
}

/**
 * Inserts the single loads of calls that come at the same time in one statement and one transaction; what many calls
 * cost is mostly the statement and the commit. The result is the identifier of the load, or `undefined` where it must
 * be tried alone: something stands in its way, or another load has spoilt the statement for all. One that came with a
 * fingerprint may also be of somebody who has changed, and must be asked about first.
 */
export function batchSingleLoads (database: Database): SingleLoads {
  return new Batcher(async loads => {
    const identifiers = await insertTogether(database, withoutRepetitions(loads))
    return single => identifiers.get(single)
  }, CALLS)
}

async function insertTogether (database: Database, loads: readonly SingleLoad[]): Promise<Map<SingleLoad, string>> {
  try {
    return await insertSingleLoads(database, loads, Math.min(database.limits.lockTimeout, BATCH_LOCK_TIMEOUT_MS))
  } catch (error) {
    if (error instanceof DatabaseUnavailableError && !isReadOnly(error)) throw error
    // Nothing is there, as the statement has failed.
    return new Map()
  }
}

/** Whether the connection has read-only transactions by default, which those of a load alone change. */
function isReadOnly ({ cause }: Error): boolean {
  return sqlStateOf(cause) === SQLSTATE.readOnlyTransaction
}

/** Of several loads with the same number or alias, the first. */
function withoutRepetitions (loads: readonly SingleLoad[]): SingleLoad[] {
  const numbers = new Set<string>()
  const aliases = new Set<string>()
  return loads.filter(({ load }) => {
    const number = load.numbers.first
    const alias = load.aliases?.first
    if (numbers.has(number) || (alias !== undefined && aliases.has(alias))) return false
    numbers.add(number)
    if (alias !== undefined) aliases.add(alias)
    return true
  })
}
