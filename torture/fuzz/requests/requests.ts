import fc from 'fast-check'
import { ENDPOINT_NAMES, type EndpointName } from '../model/contract.js'
import { headOf, type WireRequest } from '../wire/request.js'
import { callOf } from './calls.js'
import { formStyle, jsonStyle, writeForm, writeJson, type FormStyle, type JsonStyle } from './notation.js'
import type { Parameter } from './parameters.js'

const FOLDER = '/api/json/numbers/system'
const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

/** Where the parameters are written, and in which notation. */
interface Placement {
  readonly kind: 'query' | 'form' | 'json'
  /** Which parameters are in the query in any case. */
  readonly inQuery: readonly boolean[]
  readonly form: FormStyle
  readonly json: JsonStyle
  /** By how many positions the parameters are rotated. */
  readonly rotation: number
}

const placement: fc.Arbitrary<Placement> = fc.record({
  kind: fc.constantFrom('query', 'query', 'form', 'json'),
  inQuery: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant([true, true]) },
    { weight: 1, arbitrary: fc.array(fc.boolean(), { maxLength: 12 }) }),
  form: formStyle,
  json: jsonStyle,
  rotation: fc.nat(12)
})

/** A change of one byte of query or body. */
interface ByteMutation {
  readonly isInQuery: boolean
  /** The position as a fraction of all bytes. */
  readonly at: number
  readonly byte: number
  readonly kind: 'replace' | 'insert' | 'delete' | 'cut'
}

const byteMutation: fc.Arbitrary<ByteMutation> = fc.record({
  isInQuery: fc.boolean(),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  byte: fc.oneof(fc.constantFrom(...'%&;=+#?/,:"\\{}[]019\0\r\n'.split('').map(character => character.charCodeAt(0))), fc.integer({ min: 0, max: 255 })),
  kind: fc.constantFrom('replace', 'insert', 'delete', 'cut')
})

/** How the request around the parameters differs from a plain one. */
interface RequestStyle {
  readonly method: string | undefined
  readonly path: string
  readonly version: '1.0' | '1.1'
  readonly contentType: string | undefined
  readonly framing: 'length' | 'chunked'
  readonly body: string | undefined
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly byteMutations: readonly ByteMutation[]
}

const METHODS = [
  'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'MKCOL', 'QUERY', 'SEARCH', 'PURGE', 'LINK', 'REPORT'
]

/** Returns paths that are nearly the one of an endpoint. */
function pathsNear (endpoint: EndpointName): string[] {
  const path = `${FOLDER}/${endpoint}`
  const escaped = `${FOLDER}/%${endpoint.charCodeAt(0).toString(16)}${endpoint.slice(1)}`
  return [
    `${path}/`, `${path}/`, escaped, `${path}/x`, `${path}//`, `${path}/${'x'.repeat(300)}`, `${path}s`, `/${path}`,
    `${FOLDER}/${endpoint.toUpperCase()}`, `${path}%2F`, `${path}%00`, `${path}/%00`, `${path}/%zz`, `${path}/..`, `${path}/é`,
    path.replace('/system', ''), `http://localhost${path}`, `http://localhost${path}/`, '/', '/%', '*'
  ]
}

const CONTENT_TYPES = [
  FORM, JSON_TYPE, 'Application/JSON', `${FORM}; charset=iso-8859-1`, `${JSON_TYPE};charset=utf-16`, `${JSON_TYPE}; charset="utf-8"`, `${JSON_TYPE};`,
  'text/plain', 'text/json', 'application/xml', 'multipart/form-data; boundary=x', `${JSON_TYPE}, text/plain`, 'application/json-patch+json',
  'application/x-www-form-urlencoded2', 'json', '/', '', ';', '\xff/\xff', '*/*', 'application/*', `${FORM}\tform`, '__proto__', 'constructor/prototype'
]

const BODIES = [
  '', ' ', '{', '}', '{}', '[]', '[{}]', 'null', 'true', '1', '"start=1"', '{"start"}', '{"start":}', '{"start":"1",}', '{start:"1"}', '{\'start\':\'1\'}',
  '{"start":"1"}{"class":1}', '{"start":01}', '{"start":"1"} x', '/* */{}', '\xef\xbb\xbf{"validation":1}', '\xef\xbb\xbfvalidation=1', '\xfe\xff\0{\0}', '\xff',
  '\0', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, '['.repeat(60_000), `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`, '"'.repeat(60_000),
  '\\'.repeat(60_000), '&'.repeat(60_000), '%'.repeat(60_000), '='.repeat(60_000), 'x'.repeat(65_536), 'x'.repeat(65_537), 'x'.repeat(70_000),
  'x'.repeat(1_000_000), '--x\r\nContent-Disposition: form-data; name="start"\r\n\r\n1\r\n--x--\r\n', '<start>1</start>', '{"__proto__":{"start":"1"}}',
  '{"start":"1","start":"1"}', '{"\\u0073tart":"1"}', '{"a":"\n"}', '{"a":"\\x"}', '{"a":1e}', '\x1f\x8b\x08\0'
]

const HEADERS: ReadonlyArray<readonly [string, string]> = [
  ['Accept', 'text/html'], ['Accept', '\xff'], ['Content-Encoding', 'gzip'], ['X-Forwarded-For', '10.0.0.1'], ['Cookie', 'start=1'], ['__proto__', 'x'],
  ['Content-Type', JSON_TYPE], ['X-HTTP-Method-Override', 'DELETE'], ['Origin', 'null'], ['Connection', 'close'], ['Accept-Version', '9'],
  ['Content-Language', '\''], ['If-None-Match', '*'], ['Range', 'bytes=0-1'], ['Upgrade-Insecure-Requests', '1'], ['X-Large', 'x'.repeat(8_000)],
  ['X-Huge', 'x'.repeat(20_000)], ['Authorization', 'Basic dXNlcjpwYXNzd29yZA==']
]

function mostly<Content> (usual: Content, arbitrary: fc.Arbitrary<Content>, weight: number): fc.Arbitrary<Content> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary })
}

const requestStyleOf = (endpoint: EndpointName): fc.Arbitrary<RequestStyle> => fc.record({
  method: mostly(undefined, fc.constantFrom(...METHODS), 25),
  path: mostly(`${FOLDER}/${endpoint}`, fc.constantFrom(...pathsNear(endpoint)), 12),
  version: mostly('1.1', fc.constant('1.0' as const), 60),
  contentType: mostly(undefined, fc.constantFrom(...CONTENT_TYPES), 12),
  framing: fc.constantFrom('length', 'length', 'length', 'chunked'),
  body: mostly(undefined, fc.constantFrom(...BODIES), 40),
  headers: mostly([], fc.array(fc.constantFrom(...HEADERS), { maxLength: 3 }), 12),
  byteMutations: mostly([], fc.array(byteMutation, { minLength: 1, maxLength: 4 }), 12)
})

const PLAIN = {
  method: undefined, version: '1.1', contentType: undefined, framing: 'length', body: undefined, headers: [], byteMutations: []
} as const

/** Returns requests with these parameters, in any notation, about which nothing is unusual. */
export function plainRequest (endpoint: EndpointName, parameters: fc.Arbitrary<Parameter[]>): fc.Arbitrary<WireRequest> {
  return fc.tuple(parameters, placement).map(([parameters, placement]) => (
    requestFrom(parameters, placement, { ...PLAIN, path: `${FOLDER}/${endpoint}` })))
}

/** Returns requests of HTTP to an endpoint. Most of them are calls that are valid or have one issue. */
function requestOf (endpoint: EndpointName): fc.Arbitrary<WireRequest> {
  return fc.tuple(callOf(endpoint), placement, requestStyleOf(endpoint))
    .map(([parameters, placement, style]) => requestFrom(parameters, placement, style)).filter(isClearlySized)
}

/** Any request of HTTP. */
export const request: fc.Arbitrary<WireRequest> = fc.oneof(...ENDPOINT_NAMES.map(endpoint => (
  { weight: endpoint === 'create' ? 3 : 1, arbitrary: requestOf(endpoint) })))

// The exact limit for headers depends on Node.js, so requests near it have no certain outcome.
function isClearlySized (request: WireRequest): boolean {
  const { length } = headOf(request)
  return length < 15_000 || length > 18_000
}

function requestFrom (given: readonly Parameter[], placement: Placement, style: RequestStyle): WireRequest {
  const parameters = [...given.slice(placement.rotation), ...given.slice(0, placement.rotation)]
  const isInQuery = (index: number): boolean => placement.kind === 'query' || placement.inQuery[index] === true
  const inQuery = parameters.filter((_, index) => isInQuery(index))
  const inBody = parameters.filter((_, index) => !isInQuery(index))
  const query = withMutations(writeForm(inQuery, placement.form, true), style.byteMutations.filter(({ isInQuery }) => isInQuery)).replace(/[^!-~\x80-\xff]/g, '_')
  const written = placement.kind === 'json' ? Buffer.from(writeJson(inBody, placement.json)).toString('latin1') : writeForm(inBody, placement.form, false)
  const plainBody = placement.kind === 'query' ? '' : written
  const body = Buffer.from(style.body ?? withMutations(plainBody, style.byteMutations.filter(({ isInQuery }) => !isInQuery)), 'latin1')

  const method = style.method ?? (placement.kind === 'query' && body.length === 0 && !placement.form.isLowerCase ? 'GET' : 'POST')
  const contentType = style.contentType ?? (placement.kind === 'query' ? undefined : placement.kind === 'json' ? JSON_TYPE : FORM)
  return {
    method,
    target: query === '' ? style.path : `${style.path}?${query}`,
    version: style.version,
    headers: [...contentType === undefined ? [] : [['Content-Type', contentType] as const], ...style.headers],
    body,
    framing: body.length === 0 && (method !== 'POST' || placement.json.isEscaped) ? 'none' : style.version === '1.0' ? 'length' : style.framing
  }
}

function withMutations (text: string, mutations: readonly ByteMutation[]): string {
  return mutations.reduce((text, { at, byte, kind }) => {
    const position = Math.floor(at * text.length)
    const [before, after] = [text.slice(0, position), text.slice(position)]
    if (kind === 'cut') return before
    return before + (kind === 'delete' ? '' : String.fromCharCode(byte)) + (kind === 'insert' ? after : after.slice(1))
  }, text)
}
