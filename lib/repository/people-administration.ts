import type { Query } from '../database/database.js'
import type { Role } from '../errors.js'

/** A row of `people` with its role, without the password hash. */
export interface PersonRecord {
  readonly username: string
  readonly enabled: boolean
  readonly role: Role
}

/** A new row of `people`; `role` is the role's identifier. */
export interface NewPersonRow {
  readonly username: string
  readonly passwordHash: string
  readonly role: number
}

const ROLE_COLUMNS = `
  roles.id, roles.name,
  to_jsonb(array(
    select privilege from :"schema".roles_access where roles_access.role = roles.id order by privilege)) as privileges`

const LIST_ROLES = `select ${ROLE_COLUMNS} from :"schema".roles order by roles.id`

// A role whose name is all digits takes precedence over the one with that identifier.
const FIND_ROLE = `
  select ${ROLE_COLUMNS} from :"schema".roles
  where roles.name = :name or roles.id::text = :name
  order by roles.name = :name desc
  limit 1`

// "on conflict" alone would use an identifier each time.
const ENSURE_ROLE = `
  with added as (
    insert into :"schema".roles (name)
    select :name where not exists (select from :"schema".roles where name = :name)
    on conflict (name) do nothing
    returning id
  )
  insert into :"schema".roles_access (role, privilege) select id, :privilege from added`

const PERSON_COLUMNS = `
  people.username, people.enabled, jsonb_build_object('id', role.id, 'name', role.name, 'privileges', role.privileges) as role`

const LIST_PEOPLE = `
  select ${PERSON_COLUMNS}
  from :"schema".people join (${LIST_ROLES}) as role on role.id = people.role
  order by people.username collate "C"`

const FIND_PERSON = `
  select ${PERSON_COLUMNS}
  from :"schema".people join (${LIST_ROLES}) as role on role.id = people.role
  where people.username = :username`

const INSERT_PERSON = `
  insert into :"schema".people (username, password_hash, role) values (:username, :password_hash, :role)
  on conflict (username) do nothing
  returning true as added`

const UPDATE_PASSWORD_HASH = 'update :"schema".people set password_hash = :password_hash where username = :username returning true as updated'

const UPDATE_ENABLED = 'update :"schema".people set enabled = :enabled where username = :username returning true as updated'

export async function listRoles (query: Query): Promise<Role[]> {
  return (await query<Role>(LIST_ROLES)).rows
}

/** Returns the role with this name, or else with this identifier. */
export async function findRole (query: Query, nameOrId: string): Promise<Role | undefined> {
  return (await query<Role>(FIND_ROLE, { name: nameOrId })).rows[0]
}

/** Adds a role with one privilege if none has this name; an existing role does not change. */
export async function ensureRole (query: Query, name: string, privilege: string): Promise<void> {
  await query(ENSURE_ROLE, { name, privilege })
}

export async function selectPeople (query: Query): Promise<PersonRecord[]> {
  return (await query<PersonRecord>(LIST_PEOPLE)).rows
}

export async function findPersonRecord (query: Query, username: string): Promise<PersonRecord | undefined> {
  return (await query<PersonRecord>(FIND_PERSON, { username })).rows[0]
}

/** Returns whether the person was added; a username that exists changes nothing. */
export async function insertPerson (
  query: Query, { username, passwordHash, role }: NewPersonRow
): Promise<boolean> {
  return (await query(INSERT_PERSON, { username, password_hash: passwordHash, role })).rows.length > 0
}

/** Returns whether the person exists. */
export async function updatePasswordHash (
  query: Query, username: string, passwordHash: string
): Promise<boolean> {
  return (await query(UPDATE_PASSWORD_HASH, { username, password_hash: passwordHash })).rows.length > 0
}

/** Returns whether the person exists. */
export async function updateEnabled (query: Query, username: string, isEnabled: boolean): Promise<boolean> {
  return (await query(UPDATE_ENABLED, { username, enabled: isEnabled })).rows.length > 0
}
