import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { Limiter } from '../concurrency/limiter.js'
import { Batcher } from '../concurrency/batcher.js'
import { isStorable } from '../database/text.js'
import { findPeople, type PersonRow } from '../repository/people.js'
import type { Database } from '../repository/database.js'
import type { Credentials } from '../parameters/create.js'
import type { LoginAttempt, LoginThrottle } from './login-throttle.js'
import { PasswordVerifier } from './passwords.js'
import { sourceOf } from './source.js'

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

/** Somebody as they were when they were looked up last. */
export interface CachedPerson extends Person {
  /** What they do counts only where the database still has the same fingerprint for them. */
  readonly fingerprint: string
}

/** How a request is found to be somebody's. */
export interface Authentication {
  readonly authenticate: Authenticate
  /** The same without a look-up, for somebody whose password was verified lately; `undefined` for all others. */
  readonly recall?: (request: FastifyRequest, credentials: Credentials) => CachedPerson | undefined
}

/** How many people are cachedPeople. */
const MAX_CACHED_PEOPLE = 1_000

/**
 * Since their last call. After a pause the look-up comes first: it can be repeated where a connection was lost meanwhile, which
 * the statement that adds a number cannot.
 */
const CACHED_PERSON_TTL_MS = 10_000

const LOOK_UPS = { calls: 2, items: 100 }

// argon2 works on the four threads that look up names and read files, too. Half of them, in all the process.
const verifications = new Limiter(2)

const WAITING = { maxWaiting: 200, queueTimeout: 10_000 }

/** Checks username and password against the table `people` (specification: 401). */
export function createAuthenticator (database: Database, throttle: LoginThrottle): Authentication {
  const passwords = new PasswordVerifier()
  const cachedPeople = new LRUCache<string, PersonRow>(
    { max: MAX_CACHED_PEOPLE, ttl: CACHED_PERSON_TTL_MS, updateAgeOnGet: true })
  const running = new Map<string, Promise<boolean>>()
  // Every look-up begins after the calls that it answers have come, so what was changed before a call counts for it.
  const lookUps = new Batcher<string, PersonRow | undefined>(async usernames => {
    const people = await findPeople(database, [...new Set(usernames)])
    return username => people.get(username)
  }, LOOK_UPS)

  return { authenticate, recall }

  async function authenticate (
    request: FastifyRequest, { auth_username: username, auth_password: password }: Credentials
  ): Promise<Person | null> {
    if (username === '' || password === '') return null
    const attempt = throttle.attempt(username, sourceOf(request))
    // A known source may still have the password that is remembered, for which the database must be asked first.
    if (!attempt.isKnown) await attempt.throwIfBlocked()

    const person = isStorable(username) ? await lookUps.ask(username) : undefined
    // For a disabled person, the password is that of nobody.
    const storedHash = person?.enabled === true ? person.passwordHash : undefined
    const isRemembered = attempt.isKnown && storedHash !== undefined && passwords.remembers(storedHash, password)
    if (attempt.isKnown && !isRemembered) await attempt.throwIfBlocked()

    const isRight = isRemembered || await verifyOnce(attempt, storedHash, password)
    if (person === undefined || !isRight) return null
    cachedPeople.set(username, person)
    return { username, privileges: person.privileges }
  }

  function recall (
    request: FastifyRequest, { auth_username: username, auth_password: password }: Credentials
  ): CachedPerson | undefined {
    const person = cachedPeople.get(username)
    if (person === undefined || !throttle.attempt(username, sourceOf(request)).isKnown) return undefined
    if (!passwords.remembers(person.passwordHash, password)) return undefined
    return { username, privileges: person.privileges, fingerprint: person.fingerprint }
  }

  /** Requests that send the same credentials at once are one attempt. */
  async function verifyOnce (attempt: LoginAttempt, storedHash: string | undefined, password: string): Promise<boolean> {
    const credentials = JSON.stringify([attempt.pair, storedHash, passwords.digest(password).toString('base64')])
    let verification = running.get(credentials)
    if (verification === undefined) {
      verification = verify(attempt, storedHash, password).finally(() => { running.delete(credentials) })
      running.set(credentials, verification)
    }
    return await verification
  }

  async function verify (attempt: LoginAttempt, storedHash: string | undefined, password: string): Promise<boolean> {
    return await verifications.run({ ...WAITING, hasPriority: attempt.isKnown }, async () => {
      // While this attempt waited, others may have failed.
      await attempt.throwIfBlocked()
      const isRight = await passwords.verify(storedHash, password)
      await (isRight ? attempt.succeed() : attempt.fail())
      return isRight
    })
  }
}
