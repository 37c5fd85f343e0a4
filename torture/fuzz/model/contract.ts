import { headOf, type WireRequest } from '../wire/request.js'
import { PEOPLE, type Person } from './demo-data.js'
import { create } from './endpoints/create.js'
import { deleteNumbers } from './endpoints/delete.js'
import { get } from './endpoints/get.js'
import { list } from './endpoints/list.js'
import { update } from './endpoints/update.js'
import type { EndpointModel, Outcome } from './outcome.js'
import { Parameters, type ExpectedIssue } from './parameters.js'
import { bodyOf, isReadableType, mediaTypeOf, readRawParameters, type RawParameters } from './read.js'
import type { ModelState } from './state.js'

/** The outcome that the contract demands for a request. */
export type Prediction =
  /** Not a request of HTTP: the server sends a bare 4xx or nothing, and closes the connection. */
  | { readonly kind: 'no request' }
  /** Not a path of the plugin: the host application replies. */
  | { readonly kind: 'host' }
  | Reply

export interface Reply extends Outcome {
  readonly kind: 'reply'
  /** The name of the endpoint. */
  readonly endpoint: EndpointName
  /** The keys, and what their messages must mention. One entry with an empty key if no parameter is at fault. */
  readonly entries: readonly ExpectedIssue[]
}

const ENDPOINTS = { create, get, list, update, delete: deleteNumbers }

export type EndpointName = keyof typeof ENDPOINTS

export const ENDPOINT_NAMES: readonly EndpointName[] = ['create', 'get', 'list', 'update', 'delete']

const PATH = /^\/api\/json\/numbers\/system\/(\w+)(\/?)(.*)$/s
const MAX_HEAD_BYTES = 16_384
const MAX_BODY_BYTES = 65_536

/** Returns the parameter table of an endpoint, without the credentials. */
export function parametersOf (name: EndpointName): readonly string[] {
  return ENDPOINTS[name].names
}

/** Returns the outcome that the contract demands for a request in a state. */
export function predict (request: WireRequest, state: ModelState): Prediction {
  // Node.js refuses a target with characters outside ASCII.
  if (headOf(request).length > MAX_HEAD_BYTES || /[^!-~]/.test(request.target)) return { kind: 'no request' }
  const [, word, slash, below] = PATH.exec(pathOf(request.target) ?? '') ?? []
  const endpoint = ENDPOINT_NAMES.find(name => name === word)
  if (endpoint === undefined || (slash === '' && below !== '')) return { kind: 'host' }
  const outcome = below === '' ? predictCall(ENDPOINTS[endpoint], request, state) : { code: '404' }
  return { kind: 'reply', endpoint, entries: [{ key: '', mentions: [] }], ...outcome }
}

function predictCall (endpoint: EndpointModel, request: WireRequest, state: ModelState): Outcome {
  if (request.method !== 'GET' && request.method !== 'POST') return { code: '405' }
  const body = bodyOf(request)
  if (body.length > MAX_BODY_BYTES) return { code: '413' }
  if (body.length > 0 && !isReadableType(mediaTypeOf(request))) return { code: '415' }

  const raw = readRawParameters(request)
  const person = findPerson(raw)
  if (person?.mayLogIn !== true) return { code: '401' }
  if (!person.mayCreate) return { code: '402' }
  return endpoint.predict(new Parameters(raw, endpoint.names), state, person.username)
}

/**
 * Returns the path of a target in origin form or absolute form, or `undefined` if it cannot be decoded or is not a URI:
 * Fastify refuses an absolute one with a fragment.
 */
function pathOf (target: string): string | undefined {
  if (/^https?:.*#/.test(target)) return undefined
  const [path = ''] = target.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/)
  try {
    // An escaped slash is part of a name: decodeURI keeps it escaped.
    return decodeURI(path)
  } catch {
    return undefined
  }
}

/** Returns the person whom the first value of both credentials identifies. */
function findPerson ({ values }: RawParameters): Person | undefined {
  const [username, password] = ['auth_username', 'auth_password'].map(name => {
    const value = values.get(name)?.[0]
    return value?.kind === 'text' ? value.text : ''
  })
  return PEOPLE.find(person => person.username === username && person.password === password)
}
