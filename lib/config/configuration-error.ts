import createError from '@fastify/error'

/** An environment variable is invalid, or the server cannot start with it; the message never quotes its value. */
export const ConfigurationError = createError<[string]>('TELCO_NUMBERS_CONFIGURATION', '%s')

/** Returns the reason why a file cannot be read: the code of the error, without the name of the file. */
export function conditionOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
