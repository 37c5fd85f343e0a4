import type { Database, Query } from '../database/database.js'
import {
  InvalidPersonError, PersonExistsError, PersonNotFoundError, RoleNotFoundError, RoleWithoutPrivilegeError, type Role
} from '../errors.js'
import {
  ensureRole, findPersonRecord, findRole, insertPerson, listRoles, selectPeople, updateEnabled, updatePasswordHash,
  type PersonRecord
} from '../repository/people-administration.js'
import { hashPassword } from './passwords.js'

/** In characters. The minimum suits a password that is the only proof of identity, the maximum a passphrase. */
const MIN_PASSWORD_LENGTH = 12
const MAX_PASSWORD_LENGTH = 256

const MAX_NAME_LENGTH = 128

/** A person to add, and their role. */
export interface Appointment {
  readonly username: string
  /** Name or identifier of the role. */
  readonly role: string
  /** The role must have this privilege; a missing role is added with it. */
  readonly privilege?: string
}

export interface NewPerson extends Appointment {
  readonly password: string
}

/**
 * Throws if a person cannot be added, before the password prompt. Changes nothing.
 * @throws InvalidPersonError, PersonExistsError, RoleNotFoundError, RoleWithoutPrivilegeError
 */
export async function checkAppointment (database: Database, appointment: Appointment): Promise<void> {
  assertNames(appointment)
  await database.snapshot(async query => {
    if (await findPersonRecord(query, appointment.username) !== undefined) {
      throw new PersonExistsError(appointment.username)
    }
    const { role, privilege } = appointment
    const isNew = privilege !== undefined && canNameNewRole(role) && await findRole(query, role) === undefined
    if (!isNew) await getRole(query, appointment)
  })
}

/**
 * Adds a person to the table `people`, and the role if it is missing and `privilege` is given.
 * @throws InvalidPersonError, PersonExistsError, RoleNotFoundError, RoleWithoutPrivilegeError
 */
export async function addPerson (
  database: Database, { password, ...appointment }: NewPerson
): Promise<PersonRecord> {
  assertNames(appointment)
  assertPassword(password)
  const passwordHash = await hashPassword(password)
  return await database.transaction(async query => {
    const { username, role: wanted, privilege } = appointment
    if (privilege !== undefined && canNameNewRole(wanted)) await ensureRole(query, wanted, privilege)
    const role = await getRole(query, appointment)
    if (!await insertPerson(query, { username, passwordHash, role: role.id })) throw new PersonExistsError(username)
    return { username, enabled: true, role }
  })
}

/** @throws PersonNotFoundError */
export async function getPerson (database: Database, username: string): Promise<PersonRecord> {
  const person = await database.snapshot(query => findPersonRecord(query, username))
  if (person === undefined) throw new PersonNotFoundError(username)
  return person
}

/** @throws InvalidPersonError, PersonNotFoundError */
export async function changePassword (database: Database, username: string, password: string): Promise<void> {
  assertPassword(password)
  const passwordHash = await hashPassword(password)
  const isChanged = await database.transaction(query => updatePasswordHash(query, username, passwordHash))
  if (!isChanged) throw new PersonNotFoundError(username)
}

/**
 * Enables or disables a person.
 * @throws PersonNotFoundError
 */
export async function enablePerson (database: Database, username: string, isEnabled: boolean): Promise<void> {
  const isChanged = await database.transaction(query => updateEnabled(query, username, isEnabled))
  if (!isChanged) throw new PersonNotFoundError(username)
}

/** Returns all people, by username. */
export async function listPeople (database: Database): Promise<PersonRecord[]> {
  return await database.snapshot(query => selectPeople(query))
}

/** @throws InvalidPersonError that never quotes the password */
export function assertPassword (password: string): void {
  const length = lengthOf(password)
  if (length < MIN_PASSWORD_LENGTH) throw new InvalidPersonError(`the password must have at least ${MIN_PASSWORD_LENGTH} characters, but has ${length}`)
  if (length > MAX_PASSWORD_LENGTH) throw new InvalidPersonError(`the password must have at most ${MAX_PASSWORD_LENGTH} characters, but has ${length}`)
  if (!isPrintable(password)) throw new InvalidPersonError('the password must be one line of text, without control characters')
}

/** Returns the role, which must have the privilege. */
async function getRole (query: Query, { role: wanted, privilege }: Appointment): Promise<Role> {
  const role = await findRole(query, wanted)
  if (role === undefined) throw new RoleNotFoundError(wanted, await listRoles(query))
  if (privilege !== undefined && !role.privileges.includes(privilege)) throw new RoleWithoutPrivilegeError(role.name, privilege)
  return role
}

/** Returns whether the text may name a new role: an identifier that does not exist is a mistake. */
function canNameNewRole (wanted: string): boolean {
  return !/^[0-9]+$/.test(wanted)
}

/** @throws InvalidPersonError */
export function assertNames (names: Appointment): void {
  for (const what of ['username', 'role', 'privilege'] as const) {
    const name = names[what]
    if (name === undefined) continue
    const length = lengthOf(name)
    if (length < 1 || length > MAX_NAME_LENGTH || name.trim() !== name || !isPrintable(name)) {
      throw new InvalidPersonError(`the ${what} must have 1 to ${MAX_NAME_LENGTH} characters, no control characters, and no space at its ends`)
    }
  }
}

/** Returns the number of characters, as Unicode counts them. */
function lengthOf (text: string): number {
  return Array.from(text).length
}

/** Returns whether a text has neither control characters nor halves of surrogate pairs, which PostgreSQL cannot store. */
function isPrintable (text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text)
}
