import type { Database } from '../database/database.js'
import { isBigint } from '../database/text.js'
import { LoadNotFoundError, RecordNotFoundError } from '../errors.js'
import { findChange, listRuns, type ChangedRun, type ChangeRecord } from '../repository/changes.js'
import {
  findLoad, listRanges, listTransactions, type LoadRange, type LoadRecord, type TransactionRecord
} from '../repository/loads.js'

/** A load with its ranges and the changes of balances that it made: charges, and their reversals if it was undone. */
export interface LoadDetails extends LoadRecord {
  readonly ranges: readonly LoadRange[]
  readonly transactions: readonly TransactionRecord[]
}

/** An update or delete with the former state of the numbers, and its refunds. */
export interface ChangeDetails extends ChangeRecord {
  /** The first thousand runs of numbers that were equal before the change. */
  readonly runs: readonly ChangedRun[]
  readonly transactions: readonly TransactionRecord[]
}

/** @throws LoadNotFoundError */
export async function getLoad (database: Database, id: string): Promise<LoadDetails> {
  const record = await findRecord(database, id)
  if (record?.kind !== 'load') throw new LoadNotFoundError(id)
  return record
}

/** @throws RecordNotFoundError */
export async function getRecord (database: Database, id: string): Promise<LoadDetails | ChangeDetails> {
  const record = await findRecord(database, id)
  if (record === undefined) throw new RecordNotFoundError(id)
  return record
}

async function findRecord (database: Database, id: string): Promise<LoadDetails | ChangeDetails | undefined> {
  if (!isBigint(id)) return undefined
  return await database.snapshot(async query => {
    const load = await findLoad(query, id)
    if (load !== undefined) return { ...load, ranges: await listRanges(query, id), transactions: await listTransactions(query, 'load', id) }
    const change = await findChange(query, id)
    return change && { ...change, runs: await listRuns(query, id), transactions: await listTransactions(query, 'change', id) }
  })
}
