import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { DatabaseBusyError } from '../errors.js'

const ATTEMPTS = 5

// Another call was faster: the next look at the database tells what it did.
const LOST_RACES: readonly string[] = [SQLSTATE.deadlockDetected, SQLSTATE.serializationFailure]

/** The SQLSTATEs by which a load learns that numbers have come, or rows they refer to have gone, since it looked. */
export const LOAD_RACE_SQLSTATES = [SQLSTATE.uniqueViolation, SQLSTATE.foreignKeyViolation]

/**
 * Repeats an attempt that another call can spoil, until it comes to a result or fails for a reason of its own.
 * @throws DatabaseBusyError after five spoilt attempts
 */
export async function retryOnConflict<Result> (
  attempt: () => Promise<Result | undefined>, lostRaces: readonly string[] = []
): Promise<Result> {
  for (let count = 0; count < ATTEMPTS; count++) {
    try {
      const result = await attempt()
      if (result !== undefined) return result
    } catch (error) {
      const state = sqlStateOf(error) ?? ''
      if (![...LOST_RACES, ...lostRaces].includes(state)) throw error
    }
  }
  throw new DatabaseBusyError('other loads keep changing these numbers: try again later')
}
