/** The conditions that the plugin distinguishes, by PostgreSQL's names for them. */
export const SQLSTATE = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  insufficientPrivilege: '42501',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  readOnlyTransaction: '25006',
  featureNotSupported: '0A000'
} as const

/** Returns the SQLSTATE of an error that PostgreSQL sent, or `undefined` for any other error. */
export function sqlStateOf (error: unknown): string | undefined {
  // Node.js errors have a code as well (EPIPE has five letters too); only PostgreSQL's have a severity.
  if (error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string') return error.code
  return undefined
}

/** Classes of SQLSTATEs: lost connections; no disk, memory or connections left; a server that stops or starts; its disk fails. */
const UNAVAILABLE_CLASSES = ['08', '53', '57P', '58']

// The replies of a standby to a statement that writes, and to BEGIN READ WRITE; only a standby sends the second one to the
// plugin.
const STANDBY: readonly string[] = [SQLSTATE.readOnlyTransaction, SQLSTATE.featureNotSupported]

/**
 * Whether the server ended the connection or cannot take it (severity FATAL and the classes above), or has become a
 * standby that cannot write.
 */
export function isUnavailable (error: unknown, state: string): boolean {
  const isFatal = error instanceof Error && 'severity' in error && error.severity === 'FATAL'
  return isFatal || STANDBY.includes(state) || UNAVAILABLE_CLASSES.some(start => state.startsWith(start))
}
