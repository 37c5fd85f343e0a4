import pg from 'pg'
import type { Database } from './database/database.js'
import { GRANTS } from './sql/texts.js'

/** Existing roles for the server and for operators. */
export interface GrantedRoles {
  readonly server: string
  readonly operator: string
}

/** Returns the SQL, one transaction, that gives two roles what they need in a schema, and nothing more. */
export function scriptGrants (schema: string, roles: GrantedRoles): string {
  const names = new Map(Object.entries({ schema, ...roles }))
  return GRANTS.replace(/:"(schema|server|operator)"/g, (_, name: string) => pg.escapeIdentifier(String(names.get(name))))
}

/** Runs {@link scriptGrants}. If it fails, because a role does not exist for example, nothing has changed. */
export async function grant ({ pool, schema }: Database, roles: GrantedRoles): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query(scriptGrants(schema, roles))
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}
