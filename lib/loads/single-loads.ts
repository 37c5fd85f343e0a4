import { inTransaction } from '../database/client.js'
import { Gathering } from '../database/gathering.js'
import { DatabaseUnavailableError } from '../errors.js'
import type { Database } from '../repository/database.js'
import { insertSingleLoads, type SingleLoad } from '../repository/insert-single-loads.js'
import type { Load } from './plan.js'

const CALLS = { calls: 1, items: 100 }

/** Milliseconds that the loads of one statement wait for a lock that may concern one of them only. */
const SHORT_WAIT = 200

/** Where single loads are handed in; see {@link gatherSingleLoads}. */
export type SingleLoads = Gathering<SingleLoad, string | undefined>

/** Whether a load may share its statement with others: one number, and nobody is charged. */
export function isSingle ({ request, numbers }: Load): boolean {
  return numbers.count === 1 && !request.charge_customer
}

/**
 * Inserts the single loads of calls that come at the same time in one statement and one transaction; what many calls
 * cost is mostly the statement and the commit. The result is the identifier of the load, or `undefined` where it must
 * be tried alone: something stands in its way, or another load has spoilt the statement for all.
 */
export function gatherSingleLoads (database: Database): SingleLoads {
  return new Gathering(async loads => {
    const identifiers = await insertTogether(database, withoutRepetitions(loads))
    return single => identifiers.get(single)
  }, CALLS)
}

async function insertTogether (
  { pool, schema, limits }: Database, loads: readonly SingleLoad[]
): Promise<Map<SingleLoad, string>> {
  const shortLimits = {
    ...limits,
    lockTimeout: Math.min(limits.lockTimeout, SHORT_WAIT),
    connectionTimeout: limits.lockTimeout
  }
  return await inTransaction(pool, shortLimits, async query => {
    try {
      return await insertSingleLoads(query, schema, loads)
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error
      // Nothing is there: the COMMIT of a transaction in which a statement has failed rolls it back.
      return new Map<SingleLoad, string>()
    }
  })
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
