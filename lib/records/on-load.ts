import type { FastifyRequest } from 'fastify'
import type { Database } from '../database/database.js'
import { getLoad, type LoadDetails } from './details.js'

/**
 * Called for every load after it was committed, for provisioning, caches or an event bus. The reply does not wait for it,
 * and its failure is only logged. `request` is `undefined` for a load from host code.
 */
export type OnLoad = (load: LoadDetails, request: FastifyRequest | undefined) => Promise<void> | void

/** The part of a logger that a failure needs. */
export interface ErrorLog {
  error: (details: object, message: string) => void
}

/** Notifies `onLoad` of a committed load; never fails. */
export async function notifyOnLoad (
  database: Database, onLoad: OnLoad, log: ErrorLog, id: string, request: FastifyRequest | undefined
): Promise<void> {
  try {
    await onLoad(await getLoad(database, id), request)
  } catch (err) {
    log.error({ err, load: id }, `onLoad failed for load ${id}, which is committed`)
  }
}
