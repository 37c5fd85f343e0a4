import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { Batcher } from '../concurrency/batcher.js'
import { Limiter } from '../concurrency/limiter.js'
import type { Database } from '../database/database.js'
import { isStorable } from '../database/text.js'
import { InvalidOptionsError } from '../errors.js'
import { findPeople, type PersonRow } from '../repository/people.js'
import type { LoginAttempt, LoginThrottle } from './login-throttle.js'
import { PasswordVerifier } from './passwords.js'
import type { Authenticate, Authenticator, CachedPerson, Credentials, Person } from './person.js'
import { sourceOf } from './source.js'

/** A person who calls from several sources is cached once for each of them. */
const MAX_CACHED_PEOPLE = 1_000

/**
 * Time since the person's last call. After a longer pause, the person is looked up first: the look-up can be repeated if a
 * connection was lost during the pause, but the statement that adds a number cannot.
 */
const CACHED_PERSON_TTL_MS = 10_000

// argon2 uses the same four threads as DNS and files. It gets half of them, in the whole process.
const verifications = new Limiter(2)

const VERIFICATION_QUEUE = { maxWaiting: 200, queueTimeout: 10_000 }

const HostPerson = Type.Object({ username: Type.String({ minLength: 1 }), privileges: Type.Array(Type.String()) })

/** Authenticates with a host's own function. Only the properties of its type are taken from the result. */
export function hostAuthenticator (authenticate: Authenticate): Authenticator {
  return async (request, credentials) => {
    const person: unknown = await authenticate(request, credentials)
    if (person === null) return null
    if (!Value.Check(HostPerson, person)) {
      throw new InvalidOptionsError('option authenticate must return null, or a person with a username and an array of privileges')
    }
    return { username: person.username, privileges: person.privileges }
  }
}

/** Authenticates with username and password against the table `people` (specification: 401). */
export function peopleAuthenticator (database: Database, throttle: LoginThrottle): Authenticator {
  const passwords = new PasswordVerifier()
  const cachedPeople = new LRUCache<string, { readonly person: PersonRow, readonly attempt: LoginAttempt }>({
    max: MAX_CACHED_PEOPLE, ttl: CACHED_PERSON_TTL_MS, updateAgeOnGet: true
  })
  const running = new Map<string, Promise<boolean>>()
  // A look-up starts after its calls have arrived, so it sees every change that precedes one of them.
  const lookUps = new Batcher<string, PersonRow | undefined>(async usernames => {
    const people = await findPeople(database, [...new Set(usernames)])
    return username => people.get(username)
  })

  return async (request, credentials, mayBeCached) => (
    (mayBeCached ? findCached(request, credentials) : undefined) ?? await authenticate(request, credentials)
  )

  function findCached (
    request: FastifyRequest, { auth_username: username, auth_password: password }: Credentials
  ): CachedPerson | undefined {
    const cached = cachedPeople.get(keyOf(username, sourceOf(request)))
    if (cached?.attempt.isConfirmed !== true) return undefined
    const { passwordHash, privileges, fingerprint } = cached.person
    return passwords.remembers(passwordHash, password) ? { username, privileges, fingerprint } : undefined
  }

  async function authenticate (
    request: FastifyRequest, { auth_username: username, auth_password: password }: Credentials
  ): Promise<Person | null> {
    if (username === '' || password === '') return null
    const source = sourceOf(request)
    const attempt = await throttle.attempt(username, source)
    // A known source may still send the remembered password, which only a look-up in the database can show.
    if (!attempt.isKnown) await attempt.throwIfBlocked()

    const person = isStorable(username) ? await lookUps.submit(username) : undefined
    // Disabled and unknown people are verified against a dummy hash.
    const storedHash = person?.enabled === true ? person.passwordHash : undefined
    const isRemembered = attempt.isKnown && storedHash !== undefined && passwords.remembers(storedHash, password)
    if (attempt.isKnown && !isRemembered) await attempt.throwIfBlocked()

    const isRight = isRemembered || await verifyOnce(attempt, storedHash, password)
    if (person === undefined || !isRight) return null
    if (isRemembered) await attempt.confirm()
    cachedPeople.set(keyOf(username, source), { person, attempt })
    return { username, privileges: person.privileges }
  }

  /** Concurrent requests with the same credentials are one attempt. */
  async function verifyOnce (attempt: LoginAttempt, storedHash: string | undefined, password: string): Promise<boolean> {
    const credentials = JSON.stringify([attempt.pair, storedHash, passwords.digest(password)])
    let verification = running.get(credentials)
    if (verification === undefined) {
      verification = verify(attempt, storedHash, password).finally(() => { running.delete(credentials) })
      running.set(credentials, verification)
    }
    return await verification
  }

  async function verify (attempt: LoginAttempt, storedHash: string | undefined, password: string): Promise<boolean> {
    return await verifications.run({ ...VERIFICATION_QUEUE, hasPriority: attempt.isKnown }, async () => {
      // Other attempts may have failed while this one waited.
      await attempt.begin()
      const isRight = await passwords.verify(storedHash, password)
      if (isRight) await attempt.succeed()
      return isRight
    })
  }
}

function keyOf (username: string, source: string | null): string {
  return JSON.stringify([username, source])
}
