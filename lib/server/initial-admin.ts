import type { Pool } from 'pg'
import { INITIAL_ADMIN_ROLE } from '../config/configuration.js'
import { Database } from '../database/database.js'
import { RoleWithoutPrivilegeError } from '../errors.js'
import { hashPassword } from '../people/passwords.js'
import { ensureRole, findRole, insertPerson } from '../repository/people-administration.js'

const PRIVILEGE = 'system'

const LIMITS = { lockTimeout: 10_000, statementTimeout: 30_000 }

// If the host application has replaced the table with a view, it adds its people itself.
const IS_EMPTY_TABLE = `
  select from pg_class
  where oid = to_regclass(format('%I.people', :schema::text)) and relkind = 'r' and not exists (select from :"schema".people)`

/**
 * Adds the initial admin, whose role has the privilege of the endpoints, if the table `people` is empty. If several servers
 * start together, one of them adds it. Returns whether this call did.
 * @throws RoleWithoutPrivilegeError
 */
export async function addInitialAdmin (pool: Pool, schema: string, username: string, password: string): Promise<boolean> {
  if (!await isEmpty(pool, schema)) return false
  const passwordHash = await hashPassword(password)
  return await new Database({ pool, schema, limits: LIMITS }).transaction(async query => {
    await query('lock table :"schema".people in share row exclusive mode')
    if ((await query(IS_EMPTY_TABLE, { schema })).rows.length === 0) return false
    await ensureRole(query, INITIAL_ADMIN_ROLE, PRIVILEGE)
    const role = await findRole(query, INITIAL_ADMIN_ROLE)
    if (role?.privileges.includes(PRIVILEGE) !== true) throw new RoleWithoutPrivilegeError(INITIAL_ADMIN_ROLE, PRIVILEGE)
    return await insertPerson(query, { username, passwordHash, role: role.id })
  })
}

async function isEmpty (pool: Pool, schema: string): Promise<boolean> {
  return await new Database({ pool, schema, limits: LIMITS }).transaction(async query => (
    (await query(IS_EMPTY_TABLE, { schema })).rows.length > 0))
}
