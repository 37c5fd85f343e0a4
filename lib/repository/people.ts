import type { Database } from '../database/database.js'

/** A row of `people` with the privileges of its role. */
export interface PersonRow {
  readonly username: string
  readonly passwordHash: string
  readonly enabled: boolean
  readonly privileges: string[]
  /** Represents all of these values: any change gives another fingerprint. */
  readonly fingerprint: string
}

const FIND_PEOPLE = `
  select username, password_hash as "passwordHash", enabled, privileges, fingerprint from :"schema".find_people(:usernames)`

/** Returns the people with these usernames, by username. */
export async function findPeople (database: Database, usernames: readonly string[]): Promise<Map<string, PersonRow>> {
  const { rows } = await database.query<PersonRow>(FIND_PEOPLE, { usernames })
  return new Map(rows.map(row => [row.username, row]))
}

/** SQL for the fingerprint of the person with a username. */
export function fingerprintOf (username: string): string {
  return `(select person_fingerprint(password_hash, enabled, array(
        select privilege::text from roles_access where roles_access.role = people.role order by privilege))
      from people where people.username = ${username})`
}
