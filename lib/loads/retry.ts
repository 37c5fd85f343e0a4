import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { DatabaseBusyError } from '../errors.js'

const MAX_ATTEMPTS = 5

// Another transaction was faster: the next attempt sees what it did.
const ALWAYS_RETRYABLE: readonly string[] = [SQLSTATE.deadlockDetected, SQLSTATE.serializationFailure]

/** The SQLSTATEs of a load if, since its checks, numbers were added or rows that it refers to were deleted. */
export const RETRYABLE_FOR_LOADS = [SQLSTATE.uniqueViolation, SQLSTATE.foreignKeyViolation]

/**
 * Repeats an attempt that conflicts with another transaction (it returns `undefined`, or fails with a retryable SQLSTATE),
 * until it returns a result or fails for another reason.
 * @throws DatabaseBusyError after five attempts, with the last failure as its `cause`
 */
export async function retryOnConflict<Result> (
  attempt: () => Promise<Result | undefined>, retryable: readonly string[] = []
): Promise<Result> {
  let cause: unknown
  for (let count = 0; count < MAX_ATTEMPTS; count++) {
    try {
      const result = await attempt()
      if (result !== undefined) return result
    } catch (error) {
      const state = sqlStateOf(error) ?? ''
      if (![...ALWAYS_RETRYABLE, ...retryable].includes(state)) throw error
      cause = error
    }
  }
  throw new DatabaseBusyError('other transactions keep changing these numbers: try again later', { cause })
}
