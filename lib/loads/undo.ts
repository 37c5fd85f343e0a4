import type { Database, Query } from '../database/database.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { isBigint } from '../database/text.js'
import { DatabaseRefusedError, LoadNotFoundError, LoadReferencedError, LoadUndoneError, UndoRefusedError } from '../errors.js'
import { rangeFrom } from '../numbers/number-range.js'
import { lockLoad, type LoadRecord } from '../repository/loads.js'
import { WALK_INDEXES } from '../repository/range-sql.js'
import {
  deleteNumbers, findChanges, markUndone, quoteReversals, reverseCharges, type LoadedRanges, type Reversal
} from '../repository/undo.js'
import { deleteNumbersOfRanges, findChangesOfRanges } from '../repository/undo-ranges.js'
import { retryOnConflict } from './retry.js'

export interface UndoOptions {
  /** Returns what would be done, and changes nothing. */
  readonly dryRun?: boolean
  /**
   * The moment of the load, as {@link LoadRecord} has it: no other load is undone that was given its identifier after an
   * asynchronous failover has lost it.
   */
  readonly createdAt?: Date
  /** The person who undoes the load; stored with it. */
  readonly person?: string | null
}

/** The result of undoing a load, or what it would be. */
export interface UndoneLoad {
  readonly id: string
  readonly dryRun: boolean
  /** How many numbers were deleted. */
  readonly count: number
  /** What the payers got back, the customer first. */
  readonly reversals: readonly Reversal[]
}

/**
 * Undoes a load: deletes its numbers in one statement, reverses its charges and marks it undone; or changes nothing.
 * @throws LoadNotFoundError, LoadUndoneError, UndoRefusedError if a number is not as the load added it,
 * LoadReferencedError if rows of other tables refer to its numbers,
 * DatabaseBusyError, DatabaseUnavailableError
 */
export async function undoLoad (
  database: Database, id: string, { dryRun = false, createdAt, person = null }: UndoOptions
): Promise<UndoneLoad> {
  if (!isBigint(id)) throw new LoadNotFoundError(id)
  const attempt = (): Promise<UndoneLoad | undefined> => database.transaction(async query => {
    const load = await lockLoad(query, id)
    if (load === undefined || (createdAt !== undefined && createdAt.getTime() !== load.createdAt.getTime())) {
      throw new LoadNotFoundError(id)
    }
    if (load.undoneAt !== null) throw new LoadUndoneError(id, load.undoneAt.toISOString())
    const ranges = rangesOf(load)

    if (dryRun) {
      await throwIfChanged(query, load, ranges)
      return { id, dryRun, count: load.count, reversals: await quoteReversals(query, id) }
    }
    await query('savepoint before_deletion')
    const count = await (ranges === undefined ? deleteNumbersOfRanges(query, id) : deleteNumbers(query, load, ranges))
    if (count !== load.count) {
      await query('rollback to before_deletion')
      await throwIfChanged(query, load, ranges)
      return undefined
    }
    const reversals = await reverseCharges(query, id)
    await markUndone(query, id, person)
    return { id, dryRun, count, reversals }
  }, WALK_INDEXES)
  try {
    return await retryOnConflict(database.schema, attempt)
  } catch (error) {
    const cause = error instanceof DatabaseRefusedError ? error.cause : undefined
    throw sqlStateOf(cause) === SQLSTATE.foreignKeyViolation ? new LoadReferencedError(id, { cause }) : error
  }
}

/** Returns the range of a load, with its aliases; `undefined` if it has several, which are in a table. */
function rangesOf ({ start, end, count, rangeCount, alias }: LoadRecord): LoadedRanges | undefined {
  return rangeCount > 1 ? undefined : {
    numbers: { first: start, last: end, count },
    aliases: alias === null ? undefined : rangeFrom(alias, count)
  }
}

async function throwIfChanged (query: Query, load: LoadRecord, ranges: LoadedRanges | undefined): Promise<void> {
  const changes = await (ranges === undefined ? findChangesOfRanges(query, load.id) : findChanges(query, load, ranges))
  if (changes.length > 0) throw new UndoRefusedError(load.id, changes)
}
