import { inSnapshot } from '../database/client.js'
import { InvalidArgumentError, UnknownLoadError } from '../errors.js'
import type { Database } from '../repository/database.js'
import { findLoad, listLoads, listTransactions, type LoadRecord, type TransactionRecord } from '../repository/loads.js'

/** A load with what it changed of balances: charges, and their reversals where it was undone. */
export interface LoadDetails extends LoadRecord {
  readonly transactions: readonly TransactionRecord[]
}

export interface RecentLoads {
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
export async function recentLoads (
  { pool, schema, limits }: Database, { limit = 20, before }: RecentLoads
): Promise<LoadRecord[]> {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new InvalidArgumentError('limit must be a whole number above 0')
  if (before !== undefined && !isLoadIdentifier(before)) throw new InvalidArgumentError('before must be the identifier of a load')
  return await inSnapshot(pool, limits, query => listLoads(query, schema, limit, before))
}

/** How many numbers the load has made; 0 where there is no such load. */
export async function countOfLoad ({ pool, schema, limits }: Database, id: string): Promise<number> {
  if (!isLoadIdentifier(id)) return 0
  return await inSnapshot(pool, limits, async query => (await findLoad(query, schema, id))?.count ?? 0)
}

/** @throws UnknownLoadError */
export async function showLoad ({ pool, schema, limits }: Database, id: string): Promise<LoadDetails> {
  if (!isLoadIdentifier(id)) throw new UnknownLoadError(id)
  return await inSnapshot(pool, limits, async query => {
    const load = await findLoad(query, schema, id)
    if (load === undefined) throw new UnknownLoadError(id)
    return { ...load, transactions: await listTransactions(query, schema, id) }
  })
}
