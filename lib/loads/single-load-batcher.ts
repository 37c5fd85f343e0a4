import { Batcher } from '../concurrency/batcher.js'
import type { Database } from '../database/database.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { DatabaseUnavailableError } from '../errors.js'
import type { WrittenLoad } from '../repository/charges.js'
import { insertChargedLoads, insertSingleLoads, type SingleLoad, type WrittenLoads } from '../repository/insert-single-loads.js'

/** Milliseconds that a batch waits for a lock that may concern one of its loads only. */
const BATCH_LOCK_TIMEOUT_MS = 200

/** Inserts loads of one number; see {@link batchSingleLoads}. */
export interface SingleLoadBatcher {
  submit: (single: SingleLoad) => Promise<WrittenLoad | undefined>
}

/**
 * Inserts the single loads of concurrent calls in one transaction, because most of the cost of many calls is the statement and
 * the commit. Loads that are charged share transactions with each other only: the others do not wait for balances. The result is
 * the load, or `undefined` if it must be tried alone, because it was not inserted, or another load made the transaction fail for
 * all. With a fingerprint, the person may also have changed, and must be looked up first.
 */
export function batchSingleLoads (database: Database): SingleLoadBatcher {
  const uncharged = batcherOf(database, insertSingleLoads)
  const charged = batcherOf(database, insertChargedLoads)
  return { submit: single => (single.load.parameters.charge_customer ? charged : uncharged).submit(single) }
}

function batcherOf (database: Database, insert: typeof insertSingleLoads): Batcher<SingleLoad, WrittenLoad | undefined> {
  const lockTimeout = Math.min(database.limits.lockTimeout, BATCH_LOCK_TIMEOUT_MS)
  return new Batcher(async loads => {
    const inserted = await insert(database, withoutDuplicates(loads), lockTimeout).catch(nothingInserted)
    return single => inserted.get(single)
  })
}

function nothingInserted (error: unknown): WrittenLoads {
  if (error instanceof DatabaseUnavailableError && !isReadOnly(error)) throw error
  // The transaction has failed.
  return new Map()
}

/**
 * Returns whether the connection's transactions are read-only by default, which only the transaction of a load tried alone
 * overrides.
 */
function isReadOnly ({ cause }: Error): boolean {
  return sqlStateOf(cause) === SQLSTATE.readOnlyTransaction
}

/** Returns only the first of several loads with the same number or alias. */
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
