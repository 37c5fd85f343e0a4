import type { FastifyRequest } from 'fastify'
import type { Database } from '../database/database.js'
import { getRecord, type ChangeDetails, type LoadDetails } from './details.js'

/** A load, update, delete or undo that was committed, with its record; for an undo, it is the load or change that was undone. */
export type ChangeEvent =
  | { readonly kind: 'load', readonly record: LoadDetails }
  | { readonly kind: 'update' | 'delete', readonly record: ChangeDetails }
  | { readonly kind: 'undo', readonly record: LoadDetails | ChangeDetails }

/**
 * Called for every load, update, delete and undo after it was committed, for provisioning, caches or an event bus. The reply
 * does not wait for it, and its failure is only logged. `request` is `undefined` for a call from host code.
 */
export type OnChange = (event: ChangeEvent, request: FastifyRequest | undefined) => Promise<void> | void

/** The part of a logger that a failure needs. */
export interface ErrorLog {
  error: (details: object, message: string) => void
}

/** Notifies `onChange` of a load or change that is committed, or was undone; never fails. */
export async function notifyOnChange (
  database: Database, onChange: OnChange, log: ErrorLog, id: string, isUndo: boolean, request: FastifyRequest | undefined
): Promise<void> {
  try {
    await onChange(eventOf(await getRecord(database, id), isUndo), request)
  } catch (err) {
    log.error({ err, record: id }, `onChange failed for load or change ${id}, which remains committed`)
  }
}

function eventOf (record: LoadDetails | ChangeDetails, isUndo: boolean): ChangeEvent {
  if (isUndo) return { kind: 'undo', record }
  return record.kind === 'load' ? { kind: record.kind, record } : { kind: record.kind, record }
}
