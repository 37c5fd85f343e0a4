import { inSchema } from '../database/schema-name.js'
import { queryShortly, type Database } from './database.js'

/** A row of people with the privileges of its role. */
export interface PersonRow {
  readonly username: string
  readonly passwordHash: string
  readonly enabled: boolean
  readonly privileges: string[]
  /** Stands for all of this; where something of it has changed, the database has another one. */
  readonly fingerprint: string
}

const FIND_PEOPLE = `
  select username, password_hash as "passwordHash", enabled, privileges, fingerprint from :"schema".find_people($1)`

/** The people among these usernames, by username. */
export async function findPeople (database: Database, usernames: readonly string[]): Promise<Map<string, PersonRow>> {
  const { rows } = await queryShortly<PersonRow>(database, inSchema(database.schema, FIND_PEOPLE), [usernames])
  return new Map(rows.map(row => [row.username, row]))
}
