import { headOf, type WireRequest } from '../wire/request.js'
import { PEOPLE, type Person } from './demo-data.js'
import { judgeParameters, type Refusal } from './parameters.js'
import { bodyOf, isReadableType, mediaTypeOf, read, type Said } from './read.js'
import { lengthOf, type ModelLoad, type World } from './world.js'

/** What must come of a request. */
export type Verdict =
  /** No request of HTTP: a bare status in the 400s, or nothing, and the connection is closed. */
  | { readonly kind: 'no request' }
  /** Somebody else's path: the host replies. */
  | { readonly kind: 'host' }
  | Reply

export interface Reply {
  readonly kind: 'reply'
  readonly code: string
  /** Keys and what their messages must tell; one entry with an empty key where there is nothing to name. */
  readonly entries: readonly Refusal[]
  readonly count: number | undefined
  /** What it stores. */
  readonly load: ModelLoad | undefined
}

const PATH = '/api/json/numbers/system/create'
const LARGEST_HEAD = 16_384
const LARGEST_BODY = 65_536

/** The contract, said of one request that finds the world as it is. */
export function judge (request: WireRequest, world: World): Verdict {
  // Node.js refuses a target that is not ASCII.
  if (headOf(request).length > LARGEST_HEAD || /[^!-~]/.test(request.target)) return { kind: 'no request' }
  const path = pathOf(request.target)
  if (path?.startsWith(`${PATH}/`) === true && path.length > PATH.length + 1) return refusal('404')
  if (path !== PATH && path !== `${PATH}/`) return { kind: 'host' }
  if (request.method !== 'GET' && request.method !== 'POST') return refusal('405')

  const body = bodyOf(request)
  if (body.length > LARGEST_BODY) return refusal('413')
  if (body.length > 0 && !isReadableType(mediaTypeOf(request))) return refusal('415')

  const said = read(request)
  const person = personOf(said)
  if (person?.mayLogIn !== true) return refusal('401')
  if (!person.mayCreate) return refusal('402')
  const judged = judgeParameters(said, world)
  if ('length' in judged) return refusal('400', judged)
  if (judged.validation) return { ...refusal('201'), count: 0 }
  const { customer, region, ...load } = judged
  return {
    ...refusal('200'),
    count: lengthOf(load.numbers),
    load: { ...load, person: person.username, customer: customer === 0 ? null : customer, region: region === 0 ? null : region }
  }
}

function refusal (code: string, entries: readonly Refusal[] = [{ key: '', mentions: [] }]): Reply {
  return { kind: 'reply', code, entries, count: undefined, load: undefined }
}

/**
 * The path of a target in origin form or absolute form, `undefined` where it cannot be decoded, or is no URI: a fragment
 * behind an absolute one, which Fastify refuses.
 */
function pathOf (target: string): string | undefined {
  if (/^https?:.*#/.test(target)) return undefined
  const [path = ''] = target.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/)
  try {
    // An escaped slash is no slash: what stays escaped here is part of a name.
    return decodeURI(path)
  } catch {
    return undefined
  }
}

/** Whoever the first value of both credentials says. */
function personOf ({ values }: Said): Person | undefined {
  const [username, password] = ['auth_username', 'auth_password'].map(name => {
    const value = values.get(name)?.[0]
    return value?.kind === 'text' ? value.text : ''
  })
  return PEOPLE.find(person => person.username === username && person.password === password)
}
