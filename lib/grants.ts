import pg from 'pg'
import type { Database } from './database/database.js'
import { sqlStateOf } from './database/sqlstate.js'
import { DatabaseUnfitError, messageOf } from './errors.js'
import { GRANTS } from './sql/texts.js'

/** Existing roles for the server and for operators. */
export interface GrantedRoles {
  readonly server: string
  readonly operator: string
}

/** Returns the SQL, one transaction, that grants two roles the rights that they need in a schema, and no others. */
export function scriptGrants (schema: string, roles: GrantedRoles): string {
  const names = new Map(Object.entries({ schema, ...roles }))
  return GRANTS.replace(/:"(schema|server|operator)"/g, (_, name: string) => pg.escapeIdentifier(String(names.get(name))))
}

/**
 * Runs the SQL of {@link scriptGrants}. If it fails, nothing has changed.
 * @throws DatabaseUnfitError if a role or a table does not exist, or the tables have another owner; DatabaseBusyError,
 * DatabaseUnavailableError
 */
export async function grant (database: Database, roles: GrantedRoles): Promise<void> {
  const { schema } = database
  try {
    await database.transaction(query => query(scriptGrants(schema, roles).replaceAll(/^(begin|commit);$/gm, '')))
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error
    throw new DatabaseUnfitError([{
      message: `the rights on schema "${schema}" cannot be granted: ${messageOf(error)}`,
      remedy: 'create both roles, keep all tables of the plugin, and run it as their owner'
    }])
  }
}
