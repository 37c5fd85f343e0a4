import { Batcher } from '../concurrency/batcher.js'
import type { Database } from '../database/database.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { DatabaseUnavailableError } from '../errors.js'
import { insertSingleLoads, type SingleLoad } from '../repository/insert-single-loads.js'

const BATCHES = { concurrency: 1, maxItems: 100 }

/** Milliseconds that a batch waits for a lock that may concern one of its loads only. */
const BATCH_LOCK_TIMEOUT_MS = 200

/** Inserts loads of one number; see {@link batchSingleLoads}. */
export type SingleLoadBatcher = Batcher<SingleLoad, string | undefined>

/**
 * Inserts the single loads of concurrent calls in one statement and one transaction, because most of the cost of
 * many calls is the statement and the commit. The result is the identifier of the load, or `undefined` if it must be tried alone:
 * something prevents it, or another load made the statement fail for all. With a fingerprint, the person may also have changed,
 * and must be looked up first.
 */
export function batchSingleLoads (database: Database): SingleLoadBatcher {
  return new Batcher(async loads => {
    const identifiers = await insertBatch(database, withoutDuplicates(loads))
    return single => identifiers.get(single)
  }, BATCHES)
}

async function insertBatch (database: Database, loads: readonly SingleLoad[]): Promise<Map<SingleLoad, string>> {
  try {
    return await insertSingleLoads(database, loads, Math.min(database.limits.lockTimeout, BATCH_LOCK_TIMEOUT_MS))
  } catch (error) {
    if (error instanceof DatabaseUnavailableError && !isReadOnly(error)) throw error
    // The statement has failed, so nothing was inserted.
    return new Map()
  }
}

/** Whether the connection's transactions are read-only by default, which the transaction of a load alone overrides. */
function isReadOnly ({ cause }: Error): boolean {
  return sqlStateOf(cause) === SQLSTATE.readOnlyTransaction
}

/** Returns, of several loads with the same number or alias, the first. */
function withoutDuplicates (loads: readonly SingleLoad[]): SingleLoad[] {
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
