/** The environment holds a wrong value, or the server cannot start with a right one; the message never quotes it. */
export class ConfigurationError extends Error {}

/** Returns why a file cannot be read: the code of the error, without the name of the file. */
export function conditionOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
