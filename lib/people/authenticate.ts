import type { FastifyRequest } from 'fastify'
import { Gathering } from '../database/gathering.js'
import { isStorable } from '../database/text.js'
import { findPeople, type PersonRow } from '../repository/people.js'
import type { Database } from '../repository/database.js'
import type { Credentials } from '../schema/parameters.js'
import { PasswordVerifier } from './passwords.js'

/** Somebody who has proved who they are. */
export interface Person {
  /** Stored with the load, as its `person`. */
  readonly username: string
  /** The function needs the privilege `system`. */
  readonly privileges: readonly string[]
}

/**
 * Tells who sends a request, or `null` for credentials that are missing or wrong. A host's own function of this
 * type replaces the table `people`; it may ignore the credentials and look at the request (a session, a token).
 */
export type Authenticate = (request: FastifyRequest, credentials: Credentials) => Person | null | Promise<Person | null>

const LOOK_UPS = { calls: 1, items: 100 }

/** Checks username and password against the table `people` (specification: 401). */
export function authenticatePeople (database: Database): Authenticate {
  const passwords = new PasswordVerifier()
  // Every look-up begins after the calls that it answers have come, so what was changed before a call counts for it.
  const lookUps = new Gathering<string, PersonRow | undefined>(async usernames => {
    const people = await findPeople(database, [...new Set(usernames)])
    return username => people.get(username)
  }, LOOK_UPS)

  return async (_request, { auth_username: username, auth_password: password }) => {
    if (username === '' || password === '') return null
    const person = isStorable(username) ? await lookUps.ask(username) : undefined
    // The password is verified for a disabled person too: it takes as long as for any other.
    if (person === undefined) return await passwords.verifyNobody(password)
    const isRight = await passwords.verify(person.passwordHash, password)
    return isRight && person.enabled ? { username: person.username, privileges: person.privileges } : null
  }
}
