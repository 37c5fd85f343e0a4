import fc from 'fast-check'
import t from 'tap'
import { readJsonObject } from '../../lib/http/json-object.js'
import { anyText } from '../support/arbitraries.js'
import { callOf, demoHost, type Answer } from '../support/host.js'
import { JSON_OBJECT, NUMBER, outcomeOf, post } from '../support/endpoint.js'

t.test('preserves strings of any content, whatever white space is between them', async t => {
  fc.assert(fc.property(
    fc.array(fc.tuple(anyText(), anyText())), fc.constantFrom('', ' ', '\r\n\t'),
    (members, space) => {
      const text = members.map(([name, value]) => [name, value].map(part => JSON.stringify(part)).join(`${space}:${space}`))
      t.strictSame(
        readJsonObject(`{${space}${text.join(`${space},${space}`)}${space}}`),
        members.map(([name, text]) => [name, { kind: 'text', text }]))
    }))
})

t.test('preserves every character of a number', async t => {
  for (const written of ['0', '-1', '1.0', '1e3', '-0', '12345678901234567890', '1E+2']) {
    t.strictSame(readJsonObject(`{"class":${written}}`), [['class', { kind: 'json number', text: written }]])
  }
})

t.test('distinguishes null from an empty text', async t => {
  t.strictSame(readJsonObject('{"alias": null}'), [['alias', { kind: 'json null', text: '' }]])
})

t.test('returns the types of other values, and ignores what lists and objects contain', async t => {
  t.strictSame(readJsonObject('{"a": true, "b": false, "c": {"d": {"e": ":"}, "f": []}, "g": [{"h": 1}, "i", ":"], "j": "k"}'), [
    ['a', { kind: 'json boolean', text: 'true' }], ['b', { kind: 'json boolean', text: 'false' }], ['c', { kind: 'json object', text: '' }],
    ['g', { kind: 'json list', text: '' }], ['j', { kind: 'text', text: 'k' }]
  ])
})

t.test('returns a repeated name twice', async t => {
  t.strictSame(readJsonObject('{"a":1,"\\u0061":2}')?.map(([name]) => name), ['a', 'a'])
})

t.test('returns no members for an empty object', async t => {
  t.strictSame(readJsonObject(' { } '), [])
})

t.test('returns undefined for anything but one object', async t => {
  for (const text of ['[]', '[{"a":1}]', '"a"', '1', 'null', 'true', '', '{', '{"a":1,}', '{a:1}', '{"a":1}{}', '{"a":01}', '{"a":1;"b":2}']) {
    t.equal(readJsonObject(text), undefined, text)
  }
})

t.test('reads bodies of the greatest size and depth', async t => {
  t.match(readJsonObject(`{"a":${'['.repeat(32_000)}${']'.repeat(32_000)}}`), [['a', { kind: 'json list' }]])
  t.match(readJsonObject(`{"a":"${'\\"'.repeat(32_000)}"}`), [['a', { text: '"'.repeat(32_000) }]])
})

t.test('accepts exactly the objects that JSON.parse accepts', async t => {
  const isObject = (text: string): boolean => {
    try {
      const parsed: unknown = JSON.parse(text)
      return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    } catch {
      return false
    }
  }
  const part = fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '\\', '""', '"a"', '"\\""', '"\\\\"', '"b":"c"', '1', 'null', 'x', '\n', '\\u0041')
  fc.assert(fc.property(fc.array(part).map(parts => parts.join('')), fc.boolean(), (text, isEnclosed) => {
    const whole = isEnclosed ? `{"a":${text}}` : text
    return (readJsonObject(whole) !== undefined) === isObject(whole)
  }), { numRuns: 2_000 })
  t.pass()
})

t.test('reads a string in one pass, whatever number of escapes it has', async t => {
  const exec = Object.getOwnPropertyDescriptor(RegExp.prototype, 'exec') ?? {}
  let searches = 0
  Object.defineProperty(RegExp.prototype, 'exec', {
    ...exec,
    value (this: RegExp, text: string) {
      searches++
      return Reflect.apply(exec.value as RegExp['exec'], this, [text])
    }
  })
  const values = ['\\n', '\\"', '\\\\'].map(escape => readJsonObject(`{"csv":"${escape.repeat(100_000)}"}`))
  Object.defineProperty(RegExp.prototype, 'exec', exec)
  t.match(values, [[['csv', { text: /^\n+$/ }]], [['csv', { text: /^"+$/ }]], [['csv', { text: /^\\+$/ }]]])
  t.ok(searches < 100, `${searches} searches`)
})

t.test('ignores a byte order mark', async t => {
  const { app } = await demoHost(t)
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, '\ufeff{"validation": 1}', callOf(NUMBER))), ['201'])
})

t.test('refuses a body that is not a flat object as a whole, together with the issues of the query', async t => {
  const { app } = await demoHost(t)
  for (const text of ['[]', '{"class": }', 'class=1', ' ']) {
    const { responses } = (await app.inject(post(JSON_OBJECT, text, callOf({ ...NUMBER, class: 'x' })))).json<Answer>()
    t.match(responses, [{ code: '400', key: '', message: 'the body must be one flat JSON object' }, { code: '400', key: 'class' }])
    t.equal(responses.length, 2)
  }
})
