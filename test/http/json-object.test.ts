import fc from 'fast-check'
import t from 'tap'
import { readJsonObject } from '../../lib/http/json-object.js'
import { callOf, demoHost, type Answer } from '../support/host.js'
import { JSON_OBJECT, NUMBER, outcomeOf, post } from '../support/endpoint.js'

const UNREADABLE = { kind: 'unreadable', problem: 'must be a JSON string or number' }

t.test('strings of any content come out as they went in, however the object is laid out', async t => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))), fc.constantFrom('', ' ', '\r\n\t'),
    (members, space) => {
      const text = members.map(([name, value]) => [name, value].map(part => JSON.stringify(part)).join(`${space}:${space}`))
      t.strictSame(
        readJsonObject(`{${space}${text.join(`${space},${space}`)}${space}}`),
        members.map(([name, text]) => [name, { kind: 'text', text }]))
    }))
})

t.test('numbers keep every character that was written', async t => {
  for (const written of ['0', '-1', '1.0', '1e3', '-0', '12345678901234567890', '1E+2']) {
    t.strictSame(readJsonObject(`{"class":${written}}`), [['class', { kind: 'json number', text: written }]])
  }
})

t.test('null is an empty text', async t => {
  t.strictSame(readJsonObject('{"alias": null}'), [['alias', { kind: 'text', text: '' }]])
})

t.test('other values are unreadable, and what stands in them is nobody\'s', async t => {
  t.strictSame(readJsonObject('{"a": true, "b": false, "c": {"d": {"e": ":"}, "f": []}, "g": [{"h": 1}, "i", ":"], "j": "k"}'), [
    ['a', UNREADABLE], ['b', UNREADABLE], ['c', UNREADABLE], ['g', UNREADABLE], ['j', { kind: 'text', text: 'k' }]
  ])
})

t.test('a name given twice comes twice', async t => {
  t.strictSame(readJsonObject('{"a":1,"\\u0061":2}')?.map(([name]) => name), ['a', 'a'])
})

t.test('an object without members has none', async t => {
  t.strictSame(readJsonObject(' { } '), [])
})

t.test('anything but one object is none', async t => {
  for (const text of ['[]', '[{"a":1}]', '"a"', '1', 'null', 'true', '', '{', '{"a":1,}', '{a:1}', '{"a":1}{}', '{"a":01}', '{"a":1;"b":2}']) {
    t.equal(readJsonObject(text), undefined, text)
  }
})

t.test('a body as large and as deep as is allowed is read in no time', async t => {
  t.match(readJsonObject(`{"a":${'['.repeat(32_000)}${']'.repeat(32_000)}}`), [['a', UNREADABLE]])
  t.match(readJsonObject(`{"a":"${'\\"'.repeat(32_000)}"}`), [['a', { text: '"'.repeat(32_000) }]])
})

t.test('a byte order mark is no part of the object', async t => {
  const { app } = await demoHost(t)
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, '\ufeff{"validation": 1}', callOf(NUMBER))), ['201'])
})

t.test('a body that is no flat object is refused as a whole, beside what is wrong with the query', async t => {
  const { app } = await demoHost(t)
  for (const text of ['[]', '{"class": }', 'class=1', ' ']) {
    const { responses } = (await app.inject(post(JSON_OBJECT, text, callOf({ ...NUMBER, class: 'x' })))).json<Answer>()
    t.match(responses, [{ code: '400', key: '', message: 'the body must be one flat JSON object' }, { code: '400', key: 'class' }])
    t.equal(responses.length, 2)
  }
})
