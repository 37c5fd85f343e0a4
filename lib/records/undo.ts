import { findChangesSince, restoreChanged } from '../changes/undo.js'
import type { Database, Query } from '../database/database.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { isBigint } from '../database/text.js'
import {
  InvalidArgumentError, LoadReferencedError, messageOf, RecordNotFoundError, RecordUndoneError,
  UndoReferenceError, UndoRefusedError, type ChangedNumbers
} from '../errors.js'
import { ConflictError, retryOnConflict } from '../loads/retry.js'
import { assertStorable } from '../people/actor.js'
import { lockChange } from '../repository/changes.js'
import { lockLoad, type LoadRecord } from '../repository/loads.js'
import { lockFormerAliases } from '../repository/lock-aliases.js'
import { WALK_INDEXES } from '../repository/range-sql.js'
import { countNumbersOf as countNumbers, findLater, markUndone } from '../repository/records.js'
import { reverseTransactions, type Reversal } from '../repository/reversals.js'
import { deleteNumbers, findChanges } from '../repository/undo.js'

export interface UndoOptions {
  /** Returns the result that the undo would have, and changes nothing. */
  readonly dryRun?: boolean
  /**
   * The time of the load or change, from its record. An asynchronous failover can lose a load and give its identifier to another
   * one, which is then not undone.
   */
  readonly createdAt?: Date
  /** The person who requests the undo; stored with the load or change. */
  readonly person?: string | null
  /** Identifiers of other loads and changes that are undone in the same transaction, the latest of all first. */
  readonly with?: readonly string[]
}

/** A load or change that was undone, or that a dry run would undo. */
export interface Undone {
  readonly id: string
  readonly kind: 'load' | 'update' | 'delete'
  /** Count of numbers that were deleted, changed back or restored. */
  readonly count: number
  /** The refunds of the payers, the customer first; negative if a refund was reversed. */
  readonly reversals: readonly Reversal[]
}

/** The result of an undo or of its dry run. */
export interface UndoResult extends Undone {
  readonly dryRun: boolean
  /** The others that were undone with it, the latest first. */
  readonly with: readonly Undone[]
}

/** A load or change with the function that undoes it. */
interface UndoableRecord extends Pick<LoadRecord, 'createdAt' | 'count' | 'undoneAt'> {
  readonly kind: Undone['kind']
  /** Returns how many numbers were as the load or change left them. */
  readonly restore: () => Promise<number | null>
  readonly findChanges: () => Promise<ChangedNumbers[]>
}

/** Rolls back a dry run. */
class DryRunError extends Error {
  readonly undone: readonly Undone[]

  constructor (undone: readonly Undone[]) {
    super('dry run')
    this.undone = undone
  }
}

/** @throws InvalidArgumentError */
export function assertUndoOptions (options: UndoOptions): void {
  assertStorable('person', options.person ?? null)
  // Each character of a text would be an identifier.
  const others: unknown = options.with ?? []
  if (!Array.isArray(others)) throw new InvalidArgumentError('with must be an array of identifiers')
}

/** Returns how many numbers the loads and changes with these identifiers concern. */
export async function countNumbersOf (database: Database, ids: readonly string[]): Promise<number> {
  return await database.snapshot(query => countNumbers(query, ids.filter(isBigint)))
}

/**
 * Undoes a load or change, and others with it, or changes nothing. The numbers of a load are deleted, and its charges reversed.
 * The numbers of a change are restored, and its refunds are reversed.
 * @throws RecordNotFoundError, RecordUndoneError, UndoRefusedError if a number is not as the load or change left it,
 * LoadReferencedError if rows of other tables refer to the numbers of a load, UndoReferenceError if the numbers of a change
 * referred to rows that no longer exist, DatabaseBusyError, DatabaseUnavailableError
 */
export async function undo (
  database: Database, id: string, { dryRun = false, createdAt, person = null, with: others = [] }: UndoOptions
): Promise<UndoResult> {
  for (const each of [id, ...others]) {
    if (!isBigint(each)) throw new RecordNotFoundError(each)
  }
  const wanted = String(BigInt(id))
  const latestFirst = [...new Set([id, ...others].map(BigInt))].sort((left, right) => left < right ? 1 : -1).map(String)
  const undone = await retryOnConflict(database.schema, () => undoTogether(database, dryRun, latestFirst, (query, each) => (
    undoOne(query, each, each === wanted ? createdAt : undefined, person))))
  const nothing: UndoResult = { id, kind: 'load', count: 0, reversals: [], dryRun, with: [] }
  return undone.reduce<UndoResult>((result, each) => (
    each.id === wanted ? { ...result, ...each } : { ...result, with: [...result.with, each] }), nothing)
}

async function undoTogether (
  database: Database, dryRun: boolean, ids: readonly string[], undoEach: (query: Query, id: string) => Promise<Undone>
): Promise<readonly Undone[]> {
  try {
    return await database.transaction(async query => {
      await lockFormerAliases(query, database, ids)
      const undone: Undone[] = []
      for (const id of ids) undone.push(await undoEach(query, id))
      // Rolled back only now: whether a record can be undone depends on the undo of the later ones.
      if (dryRun) throw new DryRunError(undone)
      return undone
    }, WALK_INDEXES)
  } catch (error) {
    if (error instanceof DryRunError) return error.undone
    throw error
  }
}

async function undoOne (query: Query, id: string, wantedMoment: Date | undefined, person: string | null): Promise<Undone> {
  const { kind, createdAt, undoneAt, count, restore, findChanges } = await lockRecord(query, id)
  if (wantedMoment !== undefined && wantedMoment.getTime() !== createdAt.getTime()) throw new RecordNotFoundError(id)
  if (undoneAt !== null) throw new RecordUndoneError(`${kind} ${id}`, undoneAt.toISOString())
  await query('savepoint before_restoring')
  const restored = await restore().catch((error: unknown) => {
    // A number or an alias exists again.
    if (sqlStateOf(error) === SQLSTATE.uniqueViolation) return null
    if (sqlStateOf(error) !== SQLSTATE.foreignKeyViolation) throw error
    throw kind === 'load'
      ? new LoadReferencedError(id, { cause: error })
      : new UndoReferenceError(`${kind} ${id}`, messageOf(error), { cause: error })
  })
  if (restored !== count) {
    await query('rollback to before_restoring')
    const changes = await findChanges()
    if (changes.length > 0) {
      const { ids, count } = await findLater(query, id, changes)
      throw new UndoRefusedError(`${kind} ${id}`, changes, ids, count)
    }
    throw new ConflictError()
  }
  const reversals = await reverseTransactions(query, kind === 'load' ? 'load' : 'change', id)
  await markUndone(query, kind === 'load' ? 'loads' : 'changes', id, person)
  return { id, kind, count, reversals }
}

/** Returns a load or change with the function that undoes it. No other transaction can undo it before this one has ended. */
async function lockRecord (query: Query, id: string): Promise<UndoableRecord> {
  const load = await lockLoad(query, id)
  if (load !== undefined) {
    return {
      ...load, restore: () => deleteNumbers(query, load), findChanges: () => findChanges(query, load)
    }
  }
  const change = await lockChange(query, id)
  if (change === undefined) throw new RecordNotFoundError(id)
  return {
    ...change, restore: () => restoreChanged(query, change), findChanges: () => findChangesSince(query, change)
  }
}
