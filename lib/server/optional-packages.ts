import type { FastifyBaseLogger } from 'fastify'
import { MissingPackageError } from '../errors.js'

/**
 * Serves a part of the server whose packages hosts of the plugin do not install: left out where they are missing,
 * which the log tells.
 */
export async function serveWhereInstalled (
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
