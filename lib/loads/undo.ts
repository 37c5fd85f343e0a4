import { inTransaction, type Query } from '../database/connection.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { LoadReferencedError, LoadUndoneError, UndoRefusedError, LoadNotFoundError } from '../errors.js'
import type { Database } from '../repository/database.js'
import { lockLoad, type LoadRecord } from '../repository/loads.js'
import {
  deleteNumbers, findChanges, markUndone, quoteReversals, reverseCharges, type MadeSeries, type Reversal
} from '../repository/undo-load.js'
import { retryOnConflict } from './retry.js'
import { isLoadIdentifier } from './history.js'
import { aliasSeries, numberSeries } from './plan.js'

export interface UndoOptions {
  /** Only says what would happen. */
  readonly dryRun?: boolean
  /** Who undoes the load; stored with it. */
  readonly person?: string | null
}

/** What undoing a load came to, or would come to. */
export interface UndoneLoad {
  readonly load: string
  readonly dryRun: boolean
  /** How many numbers were deleted. */
  readonly count: number
  /** What the payers got back, the customer first. */
  readonly reversals: readonly Reversal[]
}

/**
 * Takes a load back: deletes its numbers in one statement, reverses its charges and marks it undone; or changes nothing.
 * @throws LoadNotFoundError, LoadUndoneError, UndoRefusedError where a number is not as the load made it,
 * LoadReferencedError where rows of other tables refer to its numbers,
 * DatabaseBusyError, DatabaseUnavailableError
 */
export async function undoLoad (
  { pool, schema, limits }: Database, id: string, { dryRun: dryRun = false, person = null }: UndoOptions
): Promise<UndoneLoad> {
  if (!isLoadIdentifier(id)) throw new LoadNotFoundError(id)
  const attempt = (): Promise<UndoneLoad | undefined> => inTransaction(pool, limits, async query => {
    const load = await lockLoad(query, schema, id)
    if (load === undefined) throw new LoadNotFoundError(id)
    if (load.undoneAt !== null) throw new LoadUndoneError(id, load.undoneAt.toISOString())
    const made = seriesOf(load)

    if (dryRun) {
      await throwIfChanged(query, schema, load, made)
      return { load: id, dryRun, count: load.count, reversals: await quoteReversals(query, schema, id) }
    }
    await query('savepoint before_deletion')
    const count = await deleteNumbers(query, schema, load, made)
    if (count !== load.count) {
      await query('rollback to before_deletion')
      await throwIfChanged(query, schema, load, made)
      return undefined
    }
    const reversals = await reverseCharges(query, schema, id)
    await markUndone(query, schema, id, person)
    return { load: id, dryRun, count, reversals }
  })
  try {
    return await retryOnConflict(attempt)
  } catch (error) {
    throw sqlStateOf(error) === SQLSTATE.foreignKeyViolation ? new LoadReferencedError(id, { cause: error }) : error
  }
}

function seriesOf ({ start, end, count, alias }: LoadRecord): MadeSeries {
  return {
    numbers: numberSeries({ start, end, count }),
    aliases: alias === null ? undefined : aliasSeries(alias, count)
  }
}

async function throwIfChanged (query: Query, schema: string, load: LoadRecord, made: MadeSeries): Promise<void> {
  const changes = await findChanges(query, schema, load, made)
  if (changes.length > 0) throw new UndoRefusedError(load.id, changes)
}
