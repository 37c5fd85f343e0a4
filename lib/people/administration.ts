import { inSnapshot, inTransaction, type Query } from '../database/connection.js'
import {
  InvalidPersonError, PersonExistsError, RoleWithoutPrivilegeError, PersonNotFoundError, RoleNotFoundError
} from '../errors.js'
import type { Database } from '../repository/database.js'
import {
  ensureRole, findPersonRecord, findRole, insertPerson, listRoles, selectPeople, updateEnabled, updatePasswordHash,
  type PersonRecord, type Role
} from '../repository/people-administration.js'
import { hashPassword } from './passwords.js'

/** Characters. The shortest is for a password that is the only proof of who calls; the longest is for a passphrase. */
export const PASSWORD_LENGTHS = { shortest: 12, longest: 256 } as const

const LONGEST_NAME = 128

/** Who is to be added, and what for. */
export interface Appointment {
  readonly username: string
  /** Name or identifier of the role. */
  readonly role: string
  /** The role must have it; a role that is not there is added with it. */
  readonly privilege?: string
}

export interface NewPerson extends Appointment {
  readonly password: string
}

/**
 * Says, before a password is asked for, what stands against adding somebody; changes nothing.
 * @throws InvalidPersonError, PersonExistsError, RoleNotFoundError, RoleWithoutPrivilegeError
 */
export async function checkAppointment ({ pool, schema, limits }: Database, appointment: Appointment): Promise<void> {
  assertNames(appointment)
  await inSnapshot(pool, limits, async query => {
    if (await findPersonRecord(query, schema, appointment.username) !== undefined) {
      throw new PersonExistsError(appointment.username)
    }
    const { role, privilege } = appointment
    const isNew = privilege !== undefined && canNameNewRole(role) && await findRole(query, schema, role) === undefined
    if (!isNew) await getRole(query, schema, appointment)
  })
}

/**
 * Adds somebody to the table `people`, and the role where it is missing and `privilege` says what it is for.
 * @throws InvalidPersonError, PersonExistsError, RoleNotFoundError, RoleWithoutPrivilegeError
 */
export async function addPerson (
  { pool, schema, limits }: Database, { password, ...appointment }: NewPerson
): Promise<PersonRecord> {
  assertNames(appointment)
  assertPassword(password)
  const passwordHash = await hashPassword(password)
  return await inTransaction(pool, limits, async query => {
    const { username, role: wanted, privilege } = appointment
    if (privilege !== undefined && canNameNewRole(wanted)) await ensureRole(query, schema, wanted, privilege)
    const role = await getRole(query, schema, appointment)
    if (!await insertPerson(query, schema, { username, passwordHash, role: role.id })) throw new PersonExistsError(username)
    return { username, enabled: true, role }
  })
}

/** @throws PersonNotFoundError */
export async function getPerson ({ pool, schema, limits }: Database, username: string): Promise<PersonRecord> {
  const person = await inSnapshot(pool, limits, query => findPersonRecord(query, schema, username))
  if (person === undefined) throw new PersonNotFoundError(username)
  return person
}

/** @throws InvalidPersonError, PersonNotFoundError */
export async function changePassword ({ pool, schema, limits }: Database, username: string, password: string): Promise<void> {
  assertPassword(password)
  const passwordHash = await hashPassword(password)
  const isChanged = await inTransaction(pool, limits, query => updatePasswordHash(query, schema, username, passwordHash))
  if (!isChanged) throw new PersonNotFoundError(username)
}

/** Lets a person log in, or not. @throws PersonNotFoundError */
export async function enablePerson ({ pool, schema, limits }: Database, username: string, isEnabled: boolean): Promise<void> {
  const isChanged = await inTransaction(pool, limits, query => updateEnabled(query, schema, username, isEnabled))
  if (!isChanged) throw new PersonNotFoundError(username)
}

/** Everybody, by username. */
export async function listPeople ({ pool, schema, limits }: Database): Promise<PersonRecord[]> {
  return await inSnapshot(pool, limits, query => selectPeople(query, schema))
}

/** @throws InvalidPersonError that never quotes the password */
export function assertPassword (password: string): void {
  const { shortest, longest } = PASSWORD_LENGTHS
  const length = lengthOf(password)
  if (length < shortest) throw new InvalidPersonError(`the password must have at least ${shortest} characters, this one has ${length}`)
  if (length > longest) throw new InvalidPersonError(`the password must have at most ${longest} characters, this one has ${length}`)
  if (!isPrintable(password)) throw new InvalidPersonError('the password must be one line of text, without control characters')
}

/** The role that is asked for, with the privilege that is. */
async function getRole (query: Query, schema: string, { role: wanted, privilege }: Appointment): Promise<Role> {
  const role = await findRole(query, schema, wanted)
  if (role === undefined) throw new RoleNotFoundError(wanted, await listRoles(query, schema))
  if (privilege !== undefined && !role.privileges.includes(privilege)) throw new RoleWithoutPrivilegeError(role.name, privilege)
  return role
}

/** An identifier that is not there is a mistake, and no name for a new role. */
function canNameNewRole (wanted: string): boolean {
  return !/^[0-9]+$/.test(wanted)
}

/** @throws InvalidPersonError */
export function assertNames (names: Appointment): void {
  for (const what of ['username', 'role', 'privilege'] as const) {
    const name = names[what]
    if (name === undefined) continue
    const length = lengthOf(name)
    if (length < 1 || length > LONGEST_NAME || name.trim() !== name || !isPrintable(name)) {
      throw new InvalidPersonError(`the ${what} must have 1 to ${LONGEST_NAME} characters, no control characters, and no space at its ends`)
    }
  }
}

/** Characters, as Unicode counts them. */
function lengthOf (text: string): number {
  return Array.from(text).length
}

/** Without control characters, and halves of surrogate pairs, which PostgreSQL cannot hold either. */
function isPrintable (text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text)
}
