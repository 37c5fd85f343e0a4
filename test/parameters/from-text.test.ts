import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { parseCredentials } from '../../lib/parameters/from-text.js'
import { call, callOf, demoHost, keysOf, PATH, USER, type Answer } from '../support/host.js'
import { CHECK, JSON_OBJECT, NUMBER, outcomeOf, post } from '../support/endpoint.js'

const NOT_INTEGERS = [
  '1e3', '0x1', '-1', '+1', '1.0', '1.', ' 1', '1 ', '1\n', '١', '１', '1,0', '1_0', 'one', 'NaN', 'true', '2147483648', '9'.repeat(400)
]

/** Returns the outcome of a call whose parameters are JSON, written literally. */
async function outcomeOfJson (app: FastifyInstance, members: Record<string, string>): Promise<string[]> {
  const good = Object.entries({ ...USER, ...CHECK }).map(([name, value]) => [name, JSON.stringify(value)])
  const written = Object.entries({ ...Object.fromEntries(good), ...members } as Record<string, string>)
  return await outcomeOf(app, post(JSON_OBJECT, `{${written.map(([name, value]) => `"${name}":${value}`).join()}}`))
}

// The calls in which a test uses it change nothing.
const { app } = await demoHost(t)

t.test('takes a credential as long as a file for a missing one', async t => {
  const passwordOf = (length: number): string => {
    const values = new Map([['auth_password', { kind: 'text', text: 'x'.repeat(length) } as const]])
    return parseCredentials({ values, repeated: new Set() }).auth_password
  }
  t.strictSame([65_536, 65_537].map(length => passwordOf(length).length), [65_536, 0])
})

t.test('accepts only decimal digits up to 2147483647 as integers', async t => {
  for (const name of ['class', 'ingroup', 'customer', 'region']) {
    for (const value of NOT_INTEGERS) {
      t.strictSame(await outcomeOf(app, callOf({ ...CHECK, [name]: value })), [`400 ${name}`], `${name}=${value}`)
    }
    t.strictSame(await outcomeOf(app, callOf({ ...CHECK, [name]: '0001' })), ['201'], `${name}=0001`)
  }
})

t.test('accepts the greatest integer, and refuses the next one', async t => {
  t.match(await call(app, { ...CHECK, class: '2147483647' }), { responses: [{ message: 'class 2147483647 does not exist' }] })
  t.match(await call(app, { ...CHECK, class: '2147483648' }), { responses: [{ message: 'class must be a whole number from 0 to 2147483647, digits only' }] })
})

t.test('accepts JSON integers and strings of digits as integers in JSON', async t => {
  for (const value of ['1', '"1"', '"01"']) t.strictSame(await outcomeOfJson(app, { class: value }), ['201'], value)
  for (const value of ['1.0', '1e0', '1e3', '-1', '-0', '2147483648', '"1.0"', '" 1"', '"0x1"', 'true', '[1]', '{"a":1}', '[]']) {
    t.strictSame(await outcomeOfJson(app, { class: value }), ['400 class'], value)
  }
})

t.test('accepts only 0 and 1 as flags', async t => {
  for (const value of ['2', '01', '00', '10', 'true', 'yes', '-0', '1.0', ' 1', '１']) {
    t.strictSame(await outcomeOf(app, callOf({ ...CHECK, charge_customer: value, validation: value })), [
      '400 charge_customer', '400 validation'
    ], value)
  }
  for (const value of ['1.0', '2', '[1]', '"true"', '{}']) {
    t.strictSame(await outcomeOfJson(app, { charge_customer: value }), ['400 charge_customer'], value)
  }
  for (const value of ['0', '"0"', 'false']) t.strictSame(await outcomeOfJson(app, { charge_customer: value }), ['201'], value)
  for (const value of ['1', '"1"', 'true']) t.strictSame(await outcomeOfJson(app, { validation: value }), ['201'], value)
})

t.test('accepts only 1 to 32 ASCII digits as start and end, and asks for digits only', async t => {
  for (const value of ['+2125550000', '212 555 0000', '212-555-0000', '٢١٢', '1'.repeat(33), '1\n', '1\0', 'x', '0x10', '1e3', ' ']) {
    const answer = await call(app, { ...CHECK, start: value, end: value })
    t.match(answer, {
      responses: [
        { key: 'start', message: 'start must be 1 to 32 digits, digits only: no +, spaces or dashes' },
        { key: 'end', message: 'end must be 1 to 32 digits, digits only: no +, spaces or dashes' }
      ]
    }, JSON.stringify(value))
    t.equal(answer.responses.length, 2)
  }
  for (const value of ['0', '0000', '9'.repeat(32)]) {
    t.strictSame(await outcomeOf(app, callOf({ ...CHECK, start: value, end: value })), ['201'], value)
  }
})

t.test('refuses JSON numbers for parameters with leading zeros', async t => {
  t.strictSame(await outcomeOfJson(app, { start: '2125550000', end: '2125550001', alias: '49', stype: '1' }), [
    '400 start', '400 alias', '400 end', '400 stype'
  ])
  t.match(await (await app.inject(post(JSON_OBJECT, '{"start": 722}', callOf({ class: 1, ingroup: 2 })))).json(), {
    responses: [{ key: 'start', message: 'start must be a JSON string, because a number loses leading zeros' }]
  })
})

t.test('accepts only an optional + and 1 to 32 digits as an alias', async t => {
  for (const alias of ['0', '+0', '1'.repeat(32), `+${'1'.repeat(32)}`]) {
    t.strictSame(await outcomeOf(app, callOf({ ...CHECK, alias })), ['201'], alias)
  }
  for (const alias of ['+', '++1', '1+', '+ 1', '4 9', '1'.repeat(33), `+${'1'.repeat(33)}`, 'x', '٤']) {
    t.strictSame(await outcomeOf(app, callOf({ ...CHECK, alias })), ['400 alias'], alias)
  }
})

t.test('accepts only number and callerid as stype', async t => {
  for (const stype of ['number', 'callerid']) t.strictSame(await outcomeOf(app, callOf({ ...CHECK, stype })), ['201'], stype)
  for (const stype of ['Number', 'callerId', 'did', ' number', '0']) {
    t.strictSame(await outcomeOf(app, callOf({ ...CHECK, stype })), ['400 stype'], stype)
  }
})

t.test('uses the default of an optional parameter that is empty, or null in JSON', async t => {
  const { app, sql } = await demoHost(t)
  const empty = { alias: '', charge_customer: '', customer: '', end: '', region: '', validation: '', stype: '' }
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, ...empty })), ['200'])
  const nulls = Object.fromEntries(Object.keys(empty).map(name => [name, null]))
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, JSON.stringify({ ...USER, ...NUMBER, ...nulls, start: '1' }))), ['200'])
  const common = { alias: null, class: 1, ingroup: 2, customer: null, region: null, stype: 'number' }
  t.match(await sql('select * from numbers order by number'), [{ number: '1', ...common }, { number: '2125550000', ...common }])
})

t.test('reports a required parameter that is absent, empty or null as missing', async t => {
  for (const request of [
    callOf({}),
    callOf({ start: '', class: '', ingroup: '' }),
    post(JSON_OBJECT, '{"start": null, "class": null, "ingroup": null}', callOf({}))
  ]) {
    t.match((await app.inject(request)).json(), {
      responses: [
        { code: '400', key: 'start', message: /^start is missing/ },
        { code: '400', key: 'class', message: /^class is missing/ },
        { code: '400', key: 'ingroup', message: /^ingroup is missing/ }
      ]
    })
  }
})

t.test('reports all issues at once, in the order of the parameter table', async t => {
  const names = ['stype', 'validation', 'region', 'end', 'customer', 'charge_customer', 'alias', 'ingroup', 'class', 'start']
  const credentials = new URLSearchParams(USER).toString()
  t.strictSame(await outcomeOf(app, `${PATH}?${names.map(name => `${name}=x`).join('&')}&${credentials}&${credentials}`), [
    '400 auth_username', '400 auth_password', '400 start', '400 class', '400 ingroup', '400 alias', '400 charge_customer',
    '400 customer', '400 end', '400 region', '400 validation', '400 stype'
  ])
})

t.test('reports the issues from the database together with those of the text', async t => {
  const { app } = await demoHost(t)
  await call(app, { ...NUMBER, alias: '+1' })
  t.strictSame(keysOf(await call(app, { ...NUMBER, alias: '+1', class: 9, ingroup: 9, customer: 9, region: 9, stype: 'x' })), [
    'start', 'class', 'ingroup', 'alias', 'customer', 'region', 'stype'
  ])
  t.strictSame(keysOf(await call(app, { ...NUMBER, class: 'x', ingroup: 9, end: '1', charge_customer: 1 })), [
    'class', 'ingroup', 'charge_customer', 'end'
  ])
})

t.test('names the type of a JSON value that a parameter does not have', async t => {
  const messageOf = async (members: string): Promise<string | undefined> => (
    (await app.inject(post(JSON_OBJECT, `{${members}}`, callOf({ class: 1, ingroup: 2 })))).json<Answer>().responses[0]?.message)
  const start = 'start must be 1 to 32 digits, digits only: no +, spaces or dashes'
  t.equal(await messageOf('"start": ["1"]'), `${start}, not a list`)
  t.equal(await messageOf('"start": {"a": "1"}'), `${start}, not an object`)
  t.equal(await messageOf('"start": true'), `${start}, not true or false`)
  t.equal(await messageOf('"start": "1", "customer": false'), 'customer must be a whole number from 0 to 2147483647, digits only, not true or false')
  t.equal(await messageOf('"start": "1", "validation": [true]'), 'validation must be 0 or 1, not a list')
})

t.test('shows the invisible characters of a value that it refuses', async t => {
  const start = 'start must be 1 to 32 digits, digits only: no +, spaces or dashes'
  for (const [value, shown] of [
    ['2125550000\u200b', 'U+200B'], ['\u202d2125550000\u202c', 'U+202D, U+202C'], ['212\u00a0555', 'U+00A0'], [' 1 ', 'U+0020'], ['1\n\0\t\r', 'U+000A, U+0000, U+0009 and more'],
    ['1\u{e0001}', 'U+E0001'], ['1\ufe0f', 'U+FE0F']
  ] as const) {
    t.equal((await call(app, { ...CHECK, start: value })).responses[0]?.message, `${start}; invisible characters in it: ${shown}`)
  }
  for (const value of ['1 2', '1-2', 'ä']) t.equal((await call(app, { ...CHECK, start: value })).responses[0]?.message, start)
})

t.test('never repeats a credential in a message', async t => {
  const { body } = await app.inject(`${callOf({ ...CHECK, start: 'x' })}&auth_password=s3cret&auth_username=intruder`)
  t.notMatch(body, /s3cret|intruder|password"?[=:]/)
})
