import type { Query } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'

/** What people of a role may do. */
export interface Role {
  readonly id: number
  readonly name: string
  readonly privileges: readonly string[]
}

/** Somebody in the table `people`, without what proves who it is. */
export interface PersonRecord {
  readonly username: string
  readonly enabled: boolean
  readonly role: Role
}

/** A row of `people` to be; `role` is the role's identifier. */
export interface NewPersonRow {
  readonly username: string
  readonly passwordHash: string
  readonly role: number
}

const ROLE_COLUMNS = `
  roles.id, roles.name,
  array(select privilege from :"schema".roles_access where roles_access.role = roles.id order by privilege) as privileges`

const LIST_ROLES = `select ${ROLE_COLUMNS} from :"schema".roles order by roles.id`

// A role that is named with digits only is meant before the one that has them as its identifier.
const FIND_ROLE = `
  select ${ROLE_COLUMNS} from :"schema".roles
  where roles.name = $1 or roles.id::text = $1
  order by roles.name = $1 desc
  limit 1`

// "on conflict" alone would use up an identifier each time.
const ENSURE_ROLE = `
  with added as (
    insert into :"schema".roles (name)
    select $1 where not exists (select from :"schema".roles where name = $1)
    on conflict (name) do nothing
    returning id
  )
  insert into :"schema".roles_access (role, privilege) select id, $2 from added`

const PERSON_COLUMNS = `
  people.username, people.enabled, jsonb_build_object('id', role.id, 'name', role.name, 'privileges', role.privileges) as role`

const LIST_PEOPLE = `
  select ${PERSON_COLUMNS}
  from :"schema".people join (${LIST_ROLES}) as role on role.id = people.role
  order by people.username`

const FIND_PERSON = `
  select ${PERSON_COLUMNS}
  from :"schema".people join (${LIST_ROLES}) as role on role.id = people.role
  where people.username = $1`

const INSERT_PERSON = `
  insert into :"schema".people (username, password_hash, role) values ($1, $2, $3)
  on conflict (username) do nothing
  returning true as added`

const UPDATE_PASSWORD_HASH = 'update :"schema".people set password_hash = $2 where username = $1 returning true as updated'

const UPDATE_ENABLED = 'update :"schema".people set enabled = $2 where username = $1 returning true as updated'

export async function listRoles (query: Query, schema: string): Promise<Role[]> {
  return (await query<Role>(inSchema(schema, LIST_ROLES))).rows
}

/** The role of this name, or else of this identifier. */
export async function findRole (query: Query, schema: string, nameOrId: string): Promise<Role | undefined> {
  return (await query<Role>(inSchema(schema, FIND_ROLE), [nameOrId])).rows[0]
}

/** Adds a role with one privilege where there is none of this name; a role that is there stays as it is. */
export async function ensureRole (query: Query, schema: string, name: string, privilege: string): Promise<void> {
  await query(inSchema(schema, ENSURE_ROLE), [name, privilege])
}

export async function selectPeople (query: Query, schema: string): Promise<PersonRecord[]> {
  return (await query<PersonRecord>(inSchema(schema, LIST_PEOPLE))).rows
}

export async function findPersonRecord (query: Query, schema: string, username: string): Promise<PersonRecord | undefined> {
  return (await query<PersonRecord>(inSchema(schema, FIND_PERSON), [username])).rows[0]
}

/** Returns whether the person was added: where the username is taken, nothing happens. */
export async function insertPerson (
  query: Query, schema: string, { username, passwordHash, role }: NewPersonRow
): Promise<boolean> {
  return (await query(inSchema(schema, INSERT_PERSON), [username, passwordHash, role])).rows.length > 0
}

/** Returns whether there is such a person. */
export async function updatePasswordHash (
  query: Query, schema: string, username: string, passwordHash: string
): Promise<boolean> {
  return (await query(inSchema(schema, UPDATE_PASSWORD_HASH), [username, passwordHash])).rows.length > 0
}

/** Returns whether there is such a person. */
export async function updateEnabled (query: Query, schema: string, username: string, isEnabled: boolean): Promise<boolean> {
  return (await query(inSchema(schema, UPDATE_ENABLED), [username, isEnabled])).rows.length > 0
}
