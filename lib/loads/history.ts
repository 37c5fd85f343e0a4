import type { Database } from '../database/database.js'
import { isBigint } from '../database/text.js'
import { InvalidArgumentError, LoadNotFoundError } from '../errors.js'
import { findLoad, listRanges, listTransactions, selectLoads, type LoadRange, type LoadRecord, type TransactionRecord } from '../repository/loads.js'

/** A load with its ranges and the changes of balances that it made: charges, and their reversals if it was undone. */
export interface LoadDetails extends LoadRecord {
  readonly ranges: readonly LoadRange[]
  readonly transactions: readonly TransactionRecord[]
}

export interface ListLoadsOptions {
  /** How many, 20 by default. */
  readonly limit?: number
  /** Identifier of a load: only earlier ones are listed. */
  readonly before?: string
}

/**
 * Returns loads, the latest first.
 * @throws InvalidArgumentError
 */
export async function listLoads (database: Database, { limit = 20, before }: ListLoadsOptions): Promise<LoadRecord[]> {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new InvalidArgumentError('limit must be a whole number above 0')
  if (before !== undefined && !isBigint(before)) throw new InvalidArgumentError('before must be the identifier of a load')
  return await database.snapshot(query => selectLoads(query, limit, before))
}

/** @throws LoadNotFoundError */
export async function getLoad (database: Database, id: string): Promise<LoadDetails> {
  if (!isBigint(id)) throw new LoadNotFoundError(id)
  return await database.snapshot(async query => {
    const load = await findLoad(query, id)
    if (load === undefined) throw new LoadNotFoundError(id)
    return { ...load, ranges: await listRanges(query, id), transactions: await listTransactions(query, id) }
  })
}
