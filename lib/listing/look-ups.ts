import { Batcher } from '../concurrency/batcher.js'
import type { Database } from '../database/database.js'
import { findNumbers, type FoundNumber, type NumberLookUp } from '../repository/find-numbers.js'

/** Looks up single numbers; see {@link batchLookUps}. */
export type LookUpBatcher = Batcher<NumberLookUp, FoundNumber | undefined>

/** Looks up the numbers of concurrent calls in one statement. Each number is looked up after its call has arrived. */
export function batchLookUps (database: Database): LookUpBatcher {
  return new Batcher(lookUps => findNumbers(database, lookUps))
}
