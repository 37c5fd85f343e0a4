import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Credentials } from '../../lib/index.js'
import { readRawParameters } from '../../lib/http/raw-parameters.js'
import { anyText } from '../support/arbitraries.js'
import { callOf, demoHost, PATH, USER } from '../support/host.js'
import { CHECK, CHECK_QUERY, FORM, JSON_OBJECT, NUMBER, outcomeOf, post } from '../support/endpoint.js'

interface RecordingHost {
  readonly app: FastifyInstance
  /** The credentials of every call, in the order of the calls. */
  readonly received: Credentials[]
}

/** A host that accepts every caller and records the credentials. */
async function recordingHost (t: Test): Promise<RecordingHost> {
  const received: Credentials[] = []
  const { app } = await demoHost(t, {
    authenticate: (_request, credentials) => {
      received.push(credentials)
      return { username: 'ann', privileges: ['system'] }
    }
  })
  return { app, received }
}

// The calls in which a test uses it change nothing.
const { app } = await demoHost(t)

t.test('reads parameters from the query, a form, a JSON object, or query and body together', async t => {
  const credentials = new URLSearchParams(USER).toString()
  t.strictSame(await outcomeOf(app, callOf(CHECK)), ['201'])
  t.strictSame(await outcomeOf(app, { method: 'POST', url: callOf(CHECK) }), ['201'])
  t.strictSame(await outcomeOf(app, post(FORM, CHECK_QUERY)), ['201'])
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, JSON.stringify({ ...USER, ...CHECK }))), ['201'])
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, JSON.stringify(CHECK), `${PATH}?${credentials}`)), ['201'])
  t.strictSame(await outcomeOf(app, post(FORM, 'class=1;ingroup=2;validation=1', `${PATH}?${credentials}&start=1`)), ['201'])
})

t.test('ignores the case and the parameters of a media type', async t => {
  for (const mediaType of ['Application/JSON', 'application/json; charset=utf-8', 'application/json;']) {
    t.strictSame(await outcomeOf(app, post(mediaType, JSON.stringify({ ...USER, ...CHECK }))), ['201'], mediaType)
  }
  for (const mediaType of ['APPLICATION/X-WWW-FORM-URLENCODED', `${FORM}; charset=UTF-8`]) {
    t.strictSame(await outcomeOf(app, post(mediaType, CHECK_QUERY)), ['201'], mediaType)
  }
})

t.test('refuses a body of another media type with 415', async t => {
  const mediaTypes = [
    'text/plain', 'text/json', 'application/xml', 'application/jsonp', 'application/json, text/plain',
    'multipart/form-data; boundary=x', 'json', '/', 'Array', 'undefined'
  ]
  for (const mediaType of mediaTypes) {
    t.strictSame(await outcomeOf(app, post(mediaType, CHECK_QUERY, callOf(CHECK))), ['415'], mediaType)
  }
})

t.test('accepts a POST without a body with any or no Content-Type', async t => {
  const mediaTypes = [
    FORM, `${FORM};charset=UTF-8`, JSON_OBJECT, 'text/plain', 'multipart/form-data', 'json', '/', '', ';', 'Array',
    'application/json, application/json', `${FORM}\tform`
  ]
  for (const mediaType of mediaTypes) {
    t.strictSame(await outcomeOf(app, post(mediaType, '', callOf(CHECK))), ['201'], mediaType)
  }
})

t.test('accepts a GET without a body with any Content-Type', async t => {
  for (const mediaType of ['Application/JSON', 'text/plain', 'nonsense']) {
    const request = { method: 'GET', url: callOf(CHECK), headers: { 'content-type': mediaType } } as const
    t.strictSame(await outcomeOf(app, request), ['201'], mediaType)
  }
})

t.test('accepts & and ; as separators, mixed freely and repeated', async t => {
  for (const parameters of [
    CHECK_QUERY.replaceAll('&', ';'),
    CHECK_QUERY.replace('&', ';'),
    `;;${CHECK_QUERY.replace('&', '&;&')}&&;`
  ]) {
    t.strictSame(await outcomeOf(app, `${PATH}?${parameters}`), ['201'], parameters)
    t.strictSame(await outcomeOf(app, post(FORM, parameters)), ['201'], `form ${parameters}`)
  }
})

t.test('decodes + as a space and %XX as UTF-8, in names and in values', async t => {
  const { app, received } = await recordingHost(t)
  await app.inject(`${PATH}?auth_username=J%C3%BCrgen+M%26M%3B&%61uth%5Fpassword=%2B+%3D=%25`)
  await app.inject(post(FORM, 'auth_username=%E2%82%AC+1;auth_password=a?b'))
  t.strictSame(received, [
    { auth_username: 'Jürgen M&M;', auth_password: '+ ==%' },
    { auth_username: '€ 1', auth_password: 'a?b' }
  ])
})

t.test('preserves any text in a query and in a form', async t => {
  const parameters = fc.dictionary(anyText({ minLength: 1 }), anyText())
  fc.assert(fc.property(parameters, fc.constantFrom('&', ';'), (given, separator) => {
    const text = new URLSearchParams(given).toString().replaceAll('&', separator)
    const values = Object.entries(given).map(([name, text]) => [name, { kind: 'text', text }])
    const body = { mediaType: FORM, content: Buffer.from(text) }
    t.strictSame([...readRawParameters(`/?${text}`, undefined).values], values)
    t.strictSame([...readRawParameters('/', body).values], values)
  }))
})

t.test('accepts a semicolon before the query if the host allows it', async t => {
  for (const url of ['/create;start=1;class=2', '/create?start=1;class=2', '/create/?start=1&class=2']) {
    t.strictSame([...readRawParameters(url, undefined).values.keys()], ['start', 'class'], url)
  }
  t.equal(readRawParameters('/create', undefined).values.size, 0)
})

t.test('accepts an escaped + in an alias, and refuses a bare one, which is a space', async t => {
  const { app } = await recordingHost(t)
  t.strictSame(await outcomeOf(app, `${PATH}?start=1;class=1;ingroup=2;validation=1;alias=%2B49`), ['201'])
  t.strictSame(await outcomeOf(app, `${PATH}?start=1;class=1;ingroup=2;validation=1;alias=+49`), ['400 alias'])
})

t.test('refuses malformed percent escapes for their parameter, and reads no credentials from them', async t => {
  const { app, received } = await recordingHost(t)
  t.strictSame(await outcomeOf(app, `${PATH}?start=1&class=%zz&ingroup=%C3%28&validation=%E0%80`), [
    '400 class', '400 ingroup', '400 validation'
  ])
  t.strictSame(await outcomeOf(app, post(FORM, 'start=%&class=1&ingroup=%2')), ['400 start', '400 ingroup'])
  await app.inject(`${PATH}?auth_username=%ff&auth_password=%`)
  t.strictSame(received.at(-1), { auth_username: '', auth_password: '' })
})

t.test('ignores names that cannot be decoded, unknown names and names without a value', async t => {
  for (const noise of ['%zz=1', 'colour=red&colour=blue', '=1', 'x', '__proto__=1;__proto__=2', 'constructor=1', 'start[]=1']) {
    t.strictSame(await outcomeOf(app, `${PATH}?${noise}&${CHECK_QUERY}`), ['201'], noise)
  }
  const noise = '"__proto__": {"start": "x"}, "constructor": [1], "toString": null, "colour": true'
  const members = JSON.stringify({ ...USER, ...CHECK }).slice(1)
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, `{${noise}, ${members}`)), ['201'])
  t.equal(Object.hasOwn(Object.prototype, 'start'), false)
})

t.test('refuses a repeated name, wherever it occurs and whether or not the values agree', async t => {
  t.strictSame(await outcomeOf(app, `${callOf(CHECK)}&class=1`), ['400 class'])
  t.strictSame(await outcomeOf(app, `${callOf(CHECK)};class=;region=0;region=0`), ['400 class', '400 region'])
  t.strictSame(await outcomeOf(app, post(FORM, 'ingroup=2', callOf(CHECK))), ['400 ingroup'])
  t.strictSame(await outcomeOf(app, post(FORM, `${CHECK_QUERY}&start=1`)), ['400 start'])
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, '{"ingroup": 2}', callOf(CHECK))), ['400 ingroup'])
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, '{"st\\u0061rt": "1", "start": "1"}', callOf({ class: 1, ingroup: 2 }))), ['400 start'])
  t.strictSame(await outcomeOf(app, `${callOf(CHECK)}&auth_password=other&auth_username=user`), [
    '400 auth_username', '400 auth_password'
  ])
})

t.test('checks the first of repeated credentials', async t => {
  const { app } = await demoHost(t)
  t.strictSame(await outcomeOf(app, `${PATH}?auth_password=wrong&${CHECK_QUERY}`), ['401'])
})

t.test('refuses a body that is not UTF-8 as a whole', async t => {
  const { app } = await demoHost(t)
  const request = { ...post(FORM, '', callOf(NUMBER)), payload: Buffer.from('alias=\xff', 'latin1') }
  const reply = (await app.inject(request)).json<unknown>()
  t.strictSame(reply, { responses: [{ code: '400', key: '', message: 'the body must be UTF-8' }] })
})
