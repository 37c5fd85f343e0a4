import fc from 'fast-check'
import { headOf, type WireRequest } from '../wire/request.js'
import { call, type Parameter } from './calls.js'
import { formStyle, jsonStyle, writeForm, writeJson, type FormStyle, type JsonStyle } from './notation.js'

const PATH = '/api/json/numbers/system/create'
const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

/** Where the parameters stand, and in which notation. */
interface Place {
  readonly kind: 'query' | 'form' | 'json'
  /** Which parameters stand in the query all the same. */
  readonly inQuery: readonly boolean[]
  readonly form: FormStyle
  readonly json: JsonStyle
  /** Where the first parameter is put. */
  readonly rotation: number
}

const place: fc.Arbitrary<Place> = fc.record({
  kind: fc.constantFrom('query', 'query', 'form', 'json'),
  inQuery: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant([true, true]) },
    { weight: 1, arbitrary: fc.array(fc.boolean(), { maxLength: 12 }) }),
  form: formStyle,
  json: jsonStyle,
  rotation: fc.nat(12)
})

/** A byte of query or body that becomes another one, comes twice, or goes. */
interface Slip {
  readonly isInQuery: boolean
  /** Of all bytes, as a fraction. */
  readonly at: number
  readonly byte: number
  readonly kind: 'replace' | 'insert' | 'delete' | 'cut'
}

const slip: fc.Arbitrary<Slip> = fc.record({
  isInQuery: fc.boolean(),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  byte: fc.oneof(fc.constantFrom(...'%&;=+#?/,:"\\{}[]019\0\r\n'.split('').map(character => character.charCodeAt(0))), fc.integer({ min: 0, max: 255 })),
  kind: fc.constantFrom('replace', 'insert', 'delete', 'cut')
})

/** How the request around the parameters differs from a plain one. */
interface Manner {
  readonly method: string | undefined
  readonly path: string
  readonly version: '1.0' | '1.1'
  readonly contentType: string | undefined
  readonly framing: 'length' | 'chunked'
  readonly body: string | undefined
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly slips: readonly Slip[]
}

const METHODS = [
  'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'MKCOL', 'QUERY', 'SEARCH', 'PURGE', 'LINK', 'REPORT'
]

const PATHS = [
  `${PATH}/`, `${PATH}/`, PATH.replace('create', 'cre%61te'), `${PATH}/x`, `${PATH}//`, `${PATH}/${'x'.repeat(300)}`, `${PATH}s`, `/${PATH}`,
  PATH.replace('create', 'Create'), `${PATH}%2F`, `${PATH}%00`, `${PATH}/%00`, `${PATH}/%zz`, `${PATH}/..`, `${PATH}/é`, PATH.replace('/system', ''),
  `http://localhost${PATH}`, `http://localhost${PATH}/`, '/', '/%', '*'
]

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

const manner: fc.Arbitrary<Manner> = fc.record({
  method: mostly(undefined, fc.constantFrom(...METHODS), 25),
  path: mostly(PATH, fc.constantFrom(...PATHS), 12),
  version: mostly('1.1', fc.constant('1.0' as const), 60),
  contentType: mostly(undefined, fc.constantFrom(...CONTENT_TYPES), 12),
  framing: fc.constantFrom('length', 'length', 'length', 'chunked'),
  body: mostly(undefined, fc.constantFrom(...BODIES), 40),
  headers: mostly([], fc.array(fc.constantFrom(...HEADERS), { maxLength: 3 }), 12),
  slips: mostly([], fc.array(slip, { minLength: 1, maxLength: 4 }), 12)
})

/** Any request that is one; most of them are calls, good or nearly good. */
export const request: fc.Arbitrary<WireRequest> = fc.tuple(call, place, manner)
  .map(([parameters, place, manner]) => requestFrom(parameters, place, manner))
  .filter(isClearlySized)

// Where exactly the limit for headers is, Node.js decides.
function isClearlySized (request: WireRequest): boolean {
  const { length } = headOf(request)
  return length < 15_000 || length > 18_000
}

function requestFrom (given: readonly Parameter[], place: Place, manner: Manner): WireRequest {
  const parameters = [...given.slice(place.rotation), ...given.slice(0, place.rotation)]
  const isInQuery = (index: number): boolean => place.kind === 'query' || place.inQuery[index] === true
  const inQuery = parameters.filter((_, index) => isInQuery(index))
  const inBody = parameters.filter((_, index) => !isInQuery(index))
  const query = slipped(writeForm(inQuery, place.form, true), manner.slips.filter(slip => slip.isInQuery)).replace(/[^!-~\x80-\xff]/g, '_')
  const written = place.kind === 'json' ? Buffer.from(writeJson(inBody, place.json)).toString('latin1') : writeForm(inBody, place.form, false)
  const plainBody = place.kind === 'query' ? '' : written
  const body = Buffer.from(manner.body ?? slipped(plainBody, manner.slips.filter(slip => !slip.isInQuery)), 'latin1')

  const method = manner.method ?? (place.kind === 'query' && body.length === 0 && !place.form.isLowerCase ? 'GET' : 'POST')
  const contentType = manner.contentType ?? (place.kind === 'query' ? undefined : place.kind === 'json' ? JSON_TYPE : FORM)
  return {
    method,
    target: query === '' ? manner.path : `${manner.path}?${query}`,
    version: manner.version,
    headers: [...contentType === undefined ? [] : [['Content-Type', contentType] as const], ...manner.headers],
    body,
    framing: body.length === 0 && (method !== 'POST' || place.json.isEscaped) ? 'none' : manner.version === '1.0' ? 'length' : manner.framing
  }
}

function slipped (text: string, slips: readonly Slip[]): string {
  return slips.reduce((text, { at, byte, kind }) => {
    const position = Math.floor(at * text.length)
    const [before, after] = [text.slice(0, position), text.slice(position)]
    if (kind === 'cut') return before
    return before + (kind === 'delete' ? '' : String.fromCharCode(byte)) + (kind === 'insert' ? after : after.slice(1))
  }, text)
}
