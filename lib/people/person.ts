import type { Static } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import type { Credentials as CredentialsSchema } from '../parameters/schema.js'

export type Credentials = Static<typeof CredentialsSchema>

/** An authenticated person. */
export interface Person {
  /** Stored with the load, as its `person`. */
  readonly username: string
  /** The endpoints need the privilege `system`. */
  readonly privileges: readonly string[]
}

/**
 * Returns the person who sends a request, or `null` for missing or wrong credentials. A host's own function of this type replaces
 * the table `people`; it may ignore the credentials and use the request (a session, a token).
 */
export type Authenticate = (request: FastifyRequest, credentials: Credentials) => Person | null | Promise<Person | null>

/** A call that the host application may refuse. */
export interface AuthorizedCall {
  /** The path of the endpoint after the prefix, without a leading slash: `numbers/system/create`. */
  readonly endpoint: string
  /** The parameters by their names, with their defaults; flags are booleans. A parameter that is invalid is missing. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/**
 * Returns whether a person who has the privilege of the endpoint may also make this call. It may be called twice for one
 * request, so it must have no effects.
 */
export type Authorize = (person: Person, call: AuthorizedCall, request: FastifyRequest) => boolean | Promise<boolean>

/**
 * If `fingerprint` is set, a person as last looked up. The fingerprint stays the same until their password, role or `enabled`
 * changes, and each call must be checked against it.
 */
export interface CachedPerson extends Person {
  readonly fingerprint?: string | undefined
}

/** As {@link Authenticate}; if `mayBeCached`, a cached person is sufficient. */
export type Authenticator = (
  request: FastifyRequest, credentials: Credentials, mayBeCached: boolean
) => Promise<CachedPerson | null>
