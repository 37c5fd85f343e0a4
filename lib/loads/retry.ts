import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { DatabaseBusyError, DatabaseRefusedError, messageOf } from '../errors.js'

const MAX_ATTEMPTS = 5

const RETRYABLE: readonly string[] = [SQLSTATE.deadlockDetected, SQLSTATE.serializationFailure]

/** The constraints of `numbers`, of its partitions and of its triggers. */
const OWN_CONSTRAINT =
  /^(numbers(_from_.*)?_pkey|numbers_alias_key|number_aliases_pkey|numbers_(class|ingroup|customer|region|load)_fkey)$/

/** Violations of integrity, and `raise exception` in a trigger. */
const REFUSALS = /^(23|P0001)/

/** Thrown in a transaction, to roll back an attempt that conflicts with another transaction. */
export class ConflictError extends Error {}

/**
 * Repeats an attempt that conflicts with another transaction, until it returns a result or fails for another reason. There is a
 * conflict if it returns `undefined`, throws a ConflictError, is deadlocked, or violates a constraint of the plugin: then numbers
 * were added to the schema since its checks, or rows that it refers to were deleted. The next attempt sees these changes.
 * @throws DatabaseBusyError after five attempts, with the last failure as its `cause`; DatabaseRefusedError if a constraint or
 * trigger outside the plugin refuses a row of the attempt
 */
export async function retryOnConflict<Result> (schema: string, attempt: () => Promise<Result | undefined>): Promise<Result> {
  let cause: unknown
  for (let count = 0; count < MAX_ATTEMPTS; count++) {
    try {
      const result = await attempt()
      if (result !== undefined) return result
    } catch (error) {
      if (error instanceof ConflictError) continue
      const state = sqlStateOf(error) ?? ''
      if (!RETRYABLE.includes(state) && !isOwnViolation(error, schema)) throw REFUSALS.test(state) ? refused(error) : error
      cause = error
    }
  }
  const last = cause === undefined ? '' : ` (${messageOf(cause)})`
  throw new DatabaseBusyError(`other transactions keep changing these numbers${last}: try again later`, { cause })
}

function isOwnViolation (error: unknown, schema: string): boolean {
  return fieldOf(error, 'schema') === schema && OWN_CONSTRAINT.test(fieldOf(error, 'constraint') ?? '')
}

function refused (cause: unknown): Error {
  const names = (['constraint', 'table'] as const).map(field => [field, fieldOf(cause, field)])
  const named = names.flatMap(([field, name]) => name === undefined ? [] : [`, ${field} ${name}`]).join('')
  return new DatabaseRefusedError(`the database refused this: ${messageOf(cause)}${named}`, { cause })
}

/** Returns a name that PostgreSQL gives in an error. */
function fieldOf (error: unknown, field: 'schema' | 'table' | 'constraint'): string | undefined {
  const value: unknown = error instanceof Error ? Reflect.get(error, field) : undefined
  return typeof value === 'string' ? value : undefined
}
