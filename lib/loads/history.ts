import { inSnapshot } from '../database/connection.js'
import { InvalidArgumentError, LoadNotFoundError } from '../errors.js'
import type { Database } from '../repository/database.js'
import { findLoad, listTransactions, selectLoads, type LoadRecord, type TransactionRecord } from '../repository/loads.js'

/** A load with what it changed of balances: charges, and their reversals where it was undone. */
export interface LoadDetails extends LoadRecord {
  readonly transactions: readonly TransactionRecord[]
}

export interface ListLoadsOptions {
  /** How many, 20 by default. */
  readonly limit?: number
  /** Identifier of a load: only earlier ones are listed. */
  readonly before?: string
}

/** Loads are numbered by a bigint; nothing else can be one. */
export function isLoadIdentifier (id: string): boolean {
  return /^[0-9]{1,18}$/.test(id)
}

/**
 * The loads, the latest first.
 * @throws InvalidArgumentError
 */
export async function listLoads (
  { pool, schema, limits }: Database, { limit = 20, before }: ListLoadsOptions
): Promise<LoadRecord[]> {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new InvalidArgumentError('limit must be a whole number above 0')
  if (before !== undefined && !isLoadIdentifier(before)) throw new InvalidArgumentError('before must be the identifier of a load')
  return await inSnapshot(pool, limits, query => selectLoads(query, schema, limit, before))
}

/** How many numbers the load has made; 0 where there is no such load. */
export async function countNumbersOfLoad ({ pool, schema, limits }: Database, id: string): Promise<number> {
  if (!isLoadIdentifier(id)) return 0
  return await inSnapshot(pool, limits, async query => (await findLoad(query, schema, id))?.count ?? 0)
}

/** @throws LoadNotFoundError */
export async function getLoad ({ pool, schema, limits }: Database, id: string): Promise<LoadDetails> {
  if (!isLoadIdentifier(id)) throw new LoadNotFoundError(id)
  return await inSnapshot(pool, limits, async query => {
    const load = await findLoad(query, schema, id)
    if (load === undefined) throw new LoadNotFoundError(id)
    return { ...load, transactions: await listTransactions(query, schema, id) }
  })
}
