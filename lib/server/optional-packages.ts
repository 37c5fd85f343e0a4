import type { FastifyBaseLogger } from 'fastify'
import { MissingPackageError } from '../errors.js'

/**
 * Serves a part of the server whose packages are not installed with the plugin. If they are missing, it logs a warning and omits
 * the part.
 */
export async function serveIfInstalled (
  log: FastifyBaseLogger, path: string, packages: string, serve: () => Promise<void>
): Promise<void> {
  try {
    await serve()
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause
    const err = new MissingPackageError(path, packages, { cause })
    log.warn({ err }, err.message)
  }
}
