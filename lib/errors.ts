import { createError } from '@fastify/error'

type WithCause = [message: string, options?: { cause: unknown }]

/** One invalid parameter: its name in the request (empty for the body as a whole), and a message for a person. */
export interface Issue {
  readonly key: string
  readonly message: string
  /** In an import, the line of the file; `lastLine` is set if it concerns several lines. */
  readonly line?: number
  readonly lastLine?: number
}

/** Consecutive numbers that are not as a load or change left them. */
export interface ChangedNumbers {
  readonly first: string
  readonly last: string
  readonly count: number
  /** `exists`: a number that was deleted, or its former alias, exists again. */
  readonly reason: 'changed' | 'gone' | 'exists'
  /** The columns of changed numbers that differ; `alias` if only the aliases of deleted numbers exist again. */
  readonly differs: readonly string[]
}

/** A role with its privileges. */
export interface Role {
  readonly id: number
  readonly name: string
  readonly privileges: readonly string[]
}

/** An option is wrong; thrown at registration, or in a call if a function of the host returns an invalid value. */
export const InvalidOptionsError = createError<[string]>(
  'TELCO_NUMBERS_INVALID_OPTIONS', 'fastify-telco-numbers: %s', 500)

/** An endpoint is already registered at this prefix; thrown at registration. */
export const PrefixTakenError = createError<[path: string, prefix: string]>(
  'TELCO_NUMBERS_PREFIX_TAKEN', '%s is registered at the prefix "%s" already: choose another', 500)

/** The database cannot be reached, or was lost. `cause` is the error of the driver. */
export const DatabaseUnavailableError = createError<WithCause>(
  'TELCO_NUMBERS_DATABASE_UNAVAILABLE', '%s', 503)

/** A lock was held, or the database was busy, for longer than the time limit; nothing was changed. */
export const DatabaseBusyError = createError<WithCause>(
  'TELCO_NUMBERS_DATABASE_BUSY', '%s', 503)

/** A constraint or trigger outside the plugin refused a load or its undo. `cause` is PostgreSQL's error. */
export const DatabaseRefusedError = createError<WithCause>(
  'TELCO_NUMBERS_DATABASE_REFUSED', '%s', 500)

/** Too many calls are waiting, or this one has waited too long; nothing was changed. */
export const OverloadedError = createError<[string]>(
  'TELCO_NUMBERS_OVERLOADED', 'the service is overloaded, %s: try again later', 503)

/** The schema in the database does not fit this version of the plugin. */
export const SchemaVersionError = createError<WithCause>(
  'TELCO_NUMBERS_SCHEMA_VERSION', '%s', 500)

/** A fault in the database that the plugin cannot work with, and its remedy. */
export interface Finding {
  readonly message: string
  readonly remedy: string
}

const DatabaseUnfit = createError<[string]>('TELCO_NUMBERS_DATABASE_UNFIT', 'the database needs attention:\n%s', 500)

/** Calls would fail, or references could be lost; `findings` has all reasons. Thrown at registration. */
export class DatabaseUnfitError extends DatabaseUnfit {
  readonly findings: readonly Finding[]

  constructor (findings: readonly Finding[]) {
    super(findings.map(({ message, remedy }) => `${message}; remedy: ${remedy}`).join('\n'))
    this.findings = findings
  }
}

const InvalidParameters = createError<[string]>('TELCO_NUMBERS_INVALID_PARAMETERS', '%s', 400)

/** A file is too large for an import; nothing was added. */
export const FileTooLargeError = createError<[megabytes: number]>(
  'TELCO_NUMBERS_FILE_TOO_LARGE', 'the file is larger than %s MiB: divide it', 413)

/** The call was refused and nothing was written; `issues` has every invalid parameter, in the order of the table. */
export class InvalidParametersError extends InvalidParameters {
  readonly issues: readonly Issue[]

  constructor (issues: readonly Issue[]) {
    super(issues.map(({ message }) => message).join('; '))
    this.issues = issues
  }
}

/** The plugin is closing. */
export const ClosedError = createError('TELCO_NUMBERS_CLOSED', 'fastify-telco-numbers is closed', 503)

/** Host code passed an argument that PostgreSQL cannot store. */
export const InvalidArgumentError = createError<[string]>('TELCO_NUMBERS_INVALID_ARGUMENT', '%s', 500)

/** No load has this identifier. */
export const LoadNotFoundError = createError<[string]>('TELCO_NUMBERS_LOAD_NOT_FOUND', 'load %s not found', 404)

/** No load or change has this identifier. */
export const RecordNotFoundError = createError<[string]>('TELCO_NUMBERS_RECORD_NOT_FOUND', 'load or change %s not found', 404)

/** The number does not exist. */
export const NumberNotFoundError = createError<[string]>('TELCO_NUMBERS_NUMBER_NOT_FOUND', 'number %s not found', 404)

/** The load or change has already been undone. The message begins with its kind and identifier: `load 17`. */
export const RecordUndoneError = createError<[record: string, time: string]>(
  'TELCO_NUMBERS_RECORD_UNDONE', '%s was undone at %s', 409)

/** Rows of a table outside the plugin refer to numbers of the load; `cause` names the table. */
export const LoadReferencedError = createError<[string, { cause: unknown }]>(
  'TELCO_NUMBERS_LOAD_REFERENCED', 'cannot undo load %s: rows of other tables refer to its numbers', 409)

/** A row that the numbers of a change referred to no longer exists; `cause` names it. */
export const UndoReferenceError = createError<[record: string, reason: string, { cause: unknown }]>(
  'TELCO_NUMBERS_UNDO_REFERENCE', 'cannot undo %s: %s', 409)

const UndoRefused = createError<[record: string, changes: string]>(
  'TELCO_NUMBERS_UNDO_REFUSED', 'cannot undo %s: its numbers have changed since: %s', 409)

/**
 * Some numbers are not as the load or change left them; `changes` lists the first hundred runs of them. `changedBy` has the
 * identifiers of the later loads and changes that prevent the undo, the latest first: an undo together with them may succeed. It
 * has at most the latest hundred; `changedByCount` is the count of all.
 */
export class UndoRefusedError extends UndoRefused {
  readonly changes: readonly ChangedNumbers[]
  readonly changedBy: readonly string[]
  readonly changedByCount: number

  constructor (record: string, changes: readonly ChangedNumbers[], changedBy: readonly string[], changedByCount: number) {
    const described = changes.map(({ first, last, reason, differs }) => (
      `${first === last ? first : `${first} to ${last}`} ${reason}${differs.length === 0 ? '' : ` (${differs.join(', ')})`}`))
    const more = changedByCount - changedBy.length
    const remedy = changedByCount === 0 ? ''
      : `; changed by ${changedBy.join(', ')}${more === 0 ? ', which can be undone with it' : ` and ${more} earlier ones`}`
    super(record, `${described.join(', ')}${remedy}`)
    this.changes = changes
    this.changedBy = changedBy
    this.changedByCount = changedByCount
  }
}

/** A username, role or password is not acceptable. */
export const InvalidPersonError = createError<[string]>('TELCO_NUMBERS_INVALID_PERSON', '%s', 400)

/** The username is taken. */
export const PersonExistsError = createError<[string]>('TELCO_NUMBERS_PERSON_EXISTS', 'person %s already exists', 409)

/** No person has this username. */
export const PersonNotFoundError = createError<[string]>('TELCO_NUMBERS_PERSON_NOT_FOUND', 'person %s not found', 404)

/** The role exists, but lacks the required privilege. */
export const RoleWithoutPrivilegeError = createError<[role: string, privilege: string]>(
  'TELCO_NUMBERS_ROLE_WITHOUT_PRIVILEGE', 'the role %s lacks the privilege %s: choose another role', 409)

const RoleNotFound = createError<[string, string]>('TELCO_NUMBERS_ROLE_NOT_FOUND', 'role %s not found; the roles are %s', 404)

/** No role has this name or identifier; `roles` lists all roles. */
export class RoleNotFoundError extends RoleNotFound {
  readonly roles: readonly Role[]

  constructor (wanted: string, roles: readonly Role[]) {
    super(wanted, roles.map(({ id, name, privileges }) => (
      `${id} "${name}" (${privileges.join(', ') || 'no privilege'})`)).join(', ') || 'none')
    this.roles = roles
  }
}

/** Packages that only a part of the stand-alone server needs are missing. */
export const MissingPackageError = createError<[path: string, packages: string, { cause: unknown }]>(
  'TELCO_NUMBERS_MISSING_PACKAGE', '%s is not served, because packages for it are missing: npm install %s', 500)

/** Returns the message of anything that was thrown. */
export function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
