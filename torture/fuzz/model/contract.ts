import { headOf, type WireRequest } from '../wire/request.js'
import { PEOPLE, type Person } from './demo-data.js'
import { checkParameters, type ExpectedIssue } from './parameters.js'
import { bodyOf, isReadableType, mediaTypeOf, readRawParameters, type RawParameters } from './read.js'
import { countOf, type ModelLoad, type ModelState } from './state.js'

/** What the contract demands for a request. */
export type Prediction =
  /** Not a request of HTTP: the server sends a bare 4xx or nothing, and closes the connection. */
  | { readonly kind: 'no request' }
  /** Not a path of the plugin: the host application replies. */
  | { readonly kind: 'host' }
  | Reply

export interface Reply {
  readonly kind: 'reply'
  readonly code: string
  /** The keys, and what their messages must mention. One entry with an empty key if no parameter is at fault. */
  readonly entries: readonly ExpectedIssue[]
  readonly count: number | undefined
  /** The load that the request stores. */
  readonly load: ModelLoad | undefined
}

const PATH = '/api/json/numbers/system/create'
const MAX_HEAD_BYTES = 16_384
const MAX_BODY_BYTES = 65_536

/** Returns what the contract demands for a request in a state. */
export function predict (request: WireRequest, state: ModelState): Prediction {
  // Node.js refuses a target with characters outside ASCII.
  if (headOf(request).length > MAX_HEAD_BYTES || /[^!-~]/.test(request.target)) return { kind: 'no request' }
  const path = pathOf(request.target)
  if (path?.startsWith(`${PATH}/`) === true && path.length > PATH.length + 1) return replyOf('404')
  if (path !== PATH && path !== `${PATH}/`) return { kind: 'host' }
  if (request.method !== 'GET' && request.method !== 'POST') return replyOf('405')

  const body = bodyOf(request)
  if (body.length > MAX_BODY_BYTES) return replyOf('413')
  if (body.length > 0 && !isReadableType(mediaTypeOf(request))) return replyOf('415')

  const raw = readRawParameters(request)
  const person = findPerson(raw)
  if (person?.mayLogIn !== true) return replyOf('401')
  if (!person.mayCreate) return replyOf('402')
  const checked = checkParameters(raw, state)
  if ('length' in checked) return replyOf('400', checked)
  if (checked.validation) return { ...replyOf('201'), count: 0 }
  const { customer, region, ...load } = checked
  return {
    ...replyOf('200'),
    count: countOf(load.numbers),
    load: { ...load, person: person.username, customer: customer === 0 ? null : customer, region: region === 0 ? null : region }
  }
}

function replyOf (code: string, entries: readonly ExpectedIssue[] = [{ key: '', mentions: [] }]): Reply {
  return { kind: 'reply', code, entries, count: undefined, load: undefined }
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
