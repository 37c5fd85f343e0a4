import createError from '@fastify/error'
import type { Issue } from './parameters/issues.js'
import type { Role } from './repository/people-administration.js'
import type { ChangedNumbers } from './repository/undo-load.js'

type WithCause = [message: string, options?: { cause: unknown }]

/** An option that the plugin cannot work with; thrown at registration. */
export const InvalidOptionsError = createError<[string]>(
  'TELCO_NUMBERS_INVALID_OPTIONS', 'fastify-telco-numbers: %s', 500)

/** The function is registered at this prefix already; thrown at registration. */
export const PrefixTakenError = createError<[string]>(
  'TELCO_NUMBERS_PREFIX_TAKEN', 'numbers/system/create is registered at the prefix "%s" already: choose another', 500)

/** The database cannot be reached, or was lost. `cause` is the error of the driver. */
export const DatabaseUnavailableError = createError<WithCause>(
  'TELCO_NUMBERS_DATABASE_UNAVAILABLE', '%s', 503)

/** Something else held a lock, or the database was busy, for longer than the time limit; nothing was done. */
export const DatabaseBusyError = createError<WithCause>(
  'TELCO_NUMBERS_DATABASE_BUSY', '%s', 503)

/** More calls wait for their turn than may, or for longer than they may; nothing was done. */
export const OverloadedError = createError<[string]>(
  'TELCO_NUMBERS_OVERLOADED', 'the service is overloaded, %s: try again later', 503)

/** The client closed its connection while its load waited for its turn; nothing was done, and nobody reads this. */
export const ClientGoneError = createError('TELCO_NUMBERS_CLIENT_GONE', 'the client has gone', 408)

/** The schema in the database does not fit this version of the plugin. */
export const SchemaVersionError = createError<WithCause>(
  'TELCO_NUMBERS_SCHEMA_VERSION', '%s', 500)

/** The credentials are missing or wrong, or the person may not log in (specification: 401). */
export const UnauthenticatedError = createError('TELCO_NUMBERS_UNAUTHENTICATED', 'credentials missing or wrong', 401)

const Throttled = createError<[number]>('TELCO_NUMBERS_THROTTLED', 'too many wrong passwords: try again in %s seconds', 429)

/** There were too many wrong passwords from this source, or for this username. */
export class ThrottledError extends Throttled {
  /** Seconds until the next attempt makes sense. */
  readonly retryAfter: number

  constructor (retryAfter: number) {
    super(retryAfter)
    this.retryAfter = retryAfter
  }
}

/** The role of the person lacks the privilege `system` (specification: 402). */
export const ForbiddenError = createError('TELCO_NUMBERS_FORBIDDEN', 'role without the privilege', 402)

const InvalidParameters = createError<[string]>('TELCO_NUMBERS_INVALID_PARAMETERS', '%s', 400)

/** The call was refused and nothing was written; `issues` holds every invalid parameter, in the order of the table. */
export class InvalidParametersError extends InvalidParameters {
  readonly issues: readonly Issue[]

  constructor (issues: readonly Issue[]) {
    super(issues.map(problem => problem.message).join('; '))
    this.issues = issues
  }
}

/** The body has a media type that holds no parameters. */
export const UnsupportedMediaTypeError = createError('TELCO_NUMBERS_UNSUPPORTED_MEDIA_TYPE', 'unsupported media type', 415)

/** The method is neither GET nor POST. */
export const MethodNotAllowedError = createError('TELCO_NUMBERS_METHOD_NOT_ALLOWED', 'method not allowed', 405)

/** There is nothing below the path of the function. */
export const NotFoundError = createError('TELCO_NUMBERS_NOT_FOUND', 'not found', 404)

/** The plugin is being closed. */
export const ClosedError = createError('TELCO_NUMBERS_CLOSED', 'fastify-telco-numbers is closed', 503)

/** Host code has called with an argument that is no text for PostgreSQL, or no number where one must be. */
export const InvalidArgumentError = createError<[string]>('TELCO_NUMBERS_INVALID_ARGUMENT', '%s', 500)

/** There is no load with this identifier. */
export const LoadNotFoundError = createError<[string]>('TELCO_NUMBERS_LOAD_NOT_FOUND', 'there is no load %s', 404)

/** The load has been undone before. */
export const LoadUndoneError = createError<[string, string]>(
  'TELCO_NUMBERS_LOAD_UNDONE', 'load %s was undone at %s', 409)

/** Rows of a table outside the plugin refer to numbers of the load; `cause` tells which. */
export const LoadReferencedError = createError<[string, { cause: unknown }]>(
  'TELCO_NUMBERS_LOAD_REFERENCED', 'load %s cannot be undone, because rows of other tables refer to its numbers', 409)

const UndoRefused = createError<[string, string]>(
  'TELCO_NUMBERS_UNDO_REFUSED', 'load %s cannot be undone, its numbers are not as it made them: %s', 409)

/** Some numbers of the load have changed or are gone since; `changes` lists the first hundred runs of them. */
export class UndoRefusedError extends UndoRefused {
  readonly changes: readonly ChangedNumbers[]

  constructor (load: string, changes: readonly ChangedNumbers[]) {
    super(load, changes.map(({ first, last, reason }) => (
      `${first === last ? first : `${first} to ${last}`} ${reason}`)).join(', '))
    this.changes = changes
  }
}

/** A username, role or password that nobody can be added with. */
export const InvalidPersonError = createError<[string]>('TELCO_NUMBERS_INVALID_PERSON', '%s', 400)

/** The username is taken. */
export const PersonExistsError = createError<[string]>('TELCO_NUMBERS_PERSON_EXISTS', 'there is a person %s already', 409)

/** There is no person with this username. */
export const PersonNotFoundError = createError<[string]>('TELCO_NUMBERS_PERSON_NOT_FOUND', 'there is no person %s', 404)

/** The role is there, and lacks the privilege that it was asked for. */
export const RoleWithoutPrivilegeError = createError<[role: string, privilege: string]>(
  'TELCO_NUMBERS_ROLE_WITHOUT_PRIVILEGE', 'the role %s is there already, without the privilege %s: choose another role', 409)

const UnknownRole = createError<[string, string]>('TELCO_NUMBERS_ROLE_NOT_FOUND', 'there is no role %s; there are %s', 404)

/** There is no role of this name or identifier; `roles` lists those that there are. */
export class RoleNotFoundError extends UnknownRole {
  readonly roles: readonly Role[]

  constructor (wanted: string, roles: readonly Role[]) {
    super(wanted, roles.map(({ id, name, privileges }) => (
      `${id} "${name}" (${privileges.join(', ') || 'no privilege'})`)).join(', ') || 'none')
    this.roles = roles
  }
}

/** Packages are missing that a part of the stand-alone server needs, and hosts of the plugin do not. */
export const MissingPackageError = createError<[path: string, packages: string, { cause: unknown }]>(
  'TELCO_NUMBERS_MISSING_PACKAGE', '%s is not served, because packages for it are missing: npm install %s', 500)

/** What a person reads of anything that was thrown. */
export function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
