import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { NumberRecord } from '../../../../lib/index.js'
import { call, demoHost, USER, type TestHost } from '../../../support/host.js'
import { until } from '../../../support/until.js'

const ENDPOINTS = ['create', 'get', 'list'] as const

type Parameters = Record<string, string | number>

function pathOf (parameters: Parameters = {}): string {
  const query = new URLSearchParams({ ...USER })
  for (const [name, value] of Object.entries(parameters)) query.set(name, String(value))
  return `/api/json/numbers/system/list?${query.toString()}`
}

interface Reply {
  readonly responses: ReadonlyArray<{ readonly code: string, readonly key: string }>
  readonly data: NumberRecord[] & { readonly count?: number }
}

async function list (app: FastifyInstance, parameters: Parameters = {}): Promise<Reply> {
  return (await app.inject(pathOf(parameters))).json<Reply>()
}

async function numbersOf (app: FastifyInstance, parameters: Parameters = {}): Promise<string[]> {
  return (await list(app, parameters)).data.map(({ number }) => number)
}

/** Numbers of several widths, classes, customers and loads. */
async function seededHost (t: Test, options = {}): Promise<TestHost> {
  const host = await demoHost(t, { endpoints: [...ENDPOINTS], ...options })
  for (const parameters of [
    { start: '95', end: '99', class: 1, ingroup: 1 },
    { start: '0950', end: '0969', class: 2, ingroup: 2, customer: 3, region: 1, alias: '+200' },
    { start: '995', end: '999', class: 3, ingroup: 3, customer: 3, stype: 'callerid' },
    { start: '9600', end: '9620', class: 1, ingroup: 2, customer: 2, region: 2 }
  ]) t.match(await call(host.app, parameters), { responses: [{ code: '200' }] })
  return host
}

t.test('returns rows ordered as text', async t => {
  const { app } = await seededHost(t)
  const { responses, data } = await list(app, { limit: 2, offset: 19 })
  t.strictSame(responses, [{ code: '200', key: '', message: 'OK' }])
  t.strictSame(data, [
    { number: '0969', alias: '+219', class: 2, ingroup: 2, customer: 3, region: 1, stype: 'number', load: '2' },
    { number: '95', alias: '', class: 1, ingroup: 1, customer: 0, region: 0, stype: 'number', load: '1' }
  ])
  const all = await numbersOf(app)
  t.equal(all.length, 51)
  t.strictSame(all, [...all].sort())
  t.strictSame(await list(app, { class: 999 }), { responses: [{ code: '200', key: '', message: 'OK' }], data: [] })
  t.strictSame((await list(app, { count: 1, limit: 2, offset: 3, pages: 1 })).data, { count: 51 })
  t.strictSame((await list(app, { pages: 1, limit: 1 })).data, [{ number: '0950' }])
})

t.test('pages by after return every number once', async t => {
  const { app } = await seededHost(t)
  const found: string[] = []
  for (;;) {
    const page = await numbersOf(app, { limit: 7, after: found.at(-1) ?? '' })
    if (page.length === 0) break
    found.push(...page)
  }
  t.strictSame(found, await numbersOf(app))
})

t.test('refuses parameters that are invalid or exclude each other', async t => {
  const { app } = await seededHost(t)
  const keys: Array<[Parameters, string[]]> = [
    [{ directory: 1 }, ['directory']],
    [{ after: 1, offset: 1 }, ['after']],
    [{ free: 1, assigned: 1 }, ['free']],
    [{ free: 1, customer: 3 }, ['free']],
    [{ end: 9 }, ['end']],
    [{ start: 10, end: 9 }, ['end']],
    [{ start: 11, end: 10 }, ['end']],
    [{ start: 'x', end: 9 }, ['start']],
    [{ prefix: '2%', search: '_', alias: '+', load: 'x', stype: 'other', limit: -1, class: '1e3' },
      ['class', 'search', 'limit', 'alias', 'load', 'stype', 'prefix']]
  ]
  for (const [parameters, expected] of keys) {
    const { responses } = await list(app, parameters)
    t.strictSame(responses.map(({ code, key }) => [code, key]), expected.map(key => ['400', key]), JSON.stringify(parameters))
  }
  t.equal((await list(app, { directory: 0, offset: 0, after: '', stype: '', search: '', load: '0' })).data.length, 51)
})

t.test('filters as a naive filter in JavaScript does', async t => {
  const { app } = await seededHost(t)
  const all = (await list(app)).data
  const digits = fc.constantFrom('', '', '0', '9', '96', '095', '99', '960', '12345678901234567890123456789012')
  const filter = fc.record({
    assigned: fc.constantFrom(0, 0, 1), free: fc.constantFrom(0, 0, 1), class: fc.constantFrom(0, 0, 1, 2, 9),
    ingroup: fc.constantFrom(0, 0, 2),
    customer: fc.constantFrom(0, 0, 2, 3), region: fc.constantFrom(0, 0, 1), load: fc.constantFrom('', '', '2', '9'),
    stype: fc.constantFrom('', '', 'number', 'callerid'), alias: fc.constantFrom('', '', '', '+205', '205'),
    search: digits, prefix: digits, after: digits, start: fc.constantFrom('', '', '960', '9600', '95'), limit: fc.constantFrom(0, 1, 5)
  }).filter(({ free, assigned, customer }) => free === 0 || (assigned === 0 && customer === 0))
  const none = {
    assigned: 0, free: 0, class: 0, ingroup: 0, customer: 0, region: 0, load: '', stype: '', alias: '', search: '', prefix: '', after: '',
    start: '', limit: 0
  }
  const each = [
    { assigned: 1 }, { free: 1 }, { class: 2 }, { ingroup: 2 }, { customer: 3 }, { region: 1 }, { load: '2' }, { stype: 'callerid' },
    { alias: '+205' }, { alias: '205' }, { search: '96' }, { prefix: '96' }, { after: '096' }, { start: '9600' },
    { alias: '+205', start: '0950' }, { alias: '+205', start: '9600' }
  ]
  const examples = each.map((parameter): [typeof none] => [{ ...none, ...parameter }])
  await fc.assert(fc.asyncProperty(filter, async chosen => {
    const end = chosen.start === '' ? '' : '9'.repeat(chosen.start.length)
    const expected = all.filter(row => (
      (chosen.assigned === 0 || row.customer !== 0) && (chosen.free === 0 || row.customer === 0) &&
      (chosen.class === 0 || row.class === chosen.class) && (chosen.ingroup === 0 || row.ingroup === chosen.ingroup) &&
      (chosen.customer === 0 || row.customer === chosen.customer) && (chosen.region === 0 || row.region === chosen.region) &&
      (chosen.load === '' || row.load === chosen.load) && (chosen.stype === '' || row.stype === chosen.stype) &&
      (chosen.alias === '' || row.alias === chosen.alias) &&
      row.number.includes(chosen.search) && row.number.startsWith(chosen.prefix) && (row.number > chosen.after) &&
      (chosen.start === '' || (row.number.length === end.length && row.number >= chosen.start && row.number <= end))
    ))
    t.strictSame((await list(app, { ...chosen, end })).data, expected.slice(0, chosen.limit === 0 ? undefined : chosen.limit))
    t.strictSame((await list(app, { ...chosen, end, count: 1 })).data, { count: expected.length })
  }), { numRuns: 40, examples })
})

/** Opens a list over a socket and returns the response, of which nothing is read yet. */
async function open (app: FastifyInstance, parameters: Parameters = {}): Promise<IncomingMessage> {
  if (!app.server.listening) await app.listen({ port: 0 })
  const sent = request(`${app.listeningOrigin}${pathOf(parameters)}`, { agent: false })
  sent.on('error', () => {})
  sent.end()
  const [response] = await once(sent, 'response') as [IncomingMessage]
  response.on('error', () => {})
  return response
}

t.test('streams a long list from one snapshot, while a load runs', async t => {
  const { app } = await demoHost(t, { endpoints: [...ENDPOINTS] })
  await app.telcoNumbers.create({ start: '5000000', end: '5019999', class: 1, ingroup: 1 })
  const response = await open(app)
  t.equal((await app.telcoNumbers.create({ start: '5020000', end: '5020099', class: 1, ingroup: 1 })).count, 100)
  await app.telcoNumbers.create({ start: '50', class: 1, ingroup: 1 })
  const { data } = await json(response) as Reply
  t.equal(data.length, 20_000)
  t.equal(data.at(-1)?.number, '5019999')
  t.equal((await list(app, { count: 1 })).data.count, 20_101)
})

t.test('escapes what is not digits, as a host may have stored it', async t => {
  const { app, sql } = await demoHost(t, { endpoints: [...ENDPOINTS] })
  const texts = ['"', '\\', '\t', 'ä', '+']
  await app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1 })
  for (const text of texts) {
    await sql(`insert into numbers select $1, $1, 1, 1, null, null, 'number', 1`, [`9${text}`])
  }
  const { data } = await list(app, { prefix: 9 })
  const expected = texts.map(text => `9${text}`).sort()
  t.strictSame(data.map(({ number }) => number), expected)
  t.strictSame(data.map(({ alias }) => alias), expected)
  t.strictSame(await numbersOf(app, { prefix: 9, pages: 1 }), expected)
})

t.test('returns as many rows of a long list as its limit, from its offset', async t => {
  const { app } = await demoHost(t, { endpoints: [...ENDPOINTS] })
  await app.telcoNumbers.create({ start: '10000', end: '19999', class: 1, ingroup: 1 })
  for (const limit of [0, 1_001, 1_999, 2_000, 2_001, 4_000]) {
    const numbers = await numbersOf(app, { limit, offset: 7 })
    const length = limit === 0 ? 9_993 : limit
    t.strictSame(numbers, Array.from({ length }, (_, place) => String(10_007 + place)), String(limit))
  }
})

t.test('counts the rows of a streamed list in the reply summary', async t => {
  const { app } = await demoHost(t, { endpoints: [...ENDPOINTS] })
  const counts: unknown[] = []
  app.addHook('onResponse', async (_request, reply) => { counts.push(reply.telcoNumbers) })
  await app.telcoNumbers.create({ start: '10000', end: '14999', class: 1, ingroup: 1 })
  for (const parameters of [{}, { limit: 1500 }, { limit: 3 }, { count: 1 }]) await list(app, parameters)
  t.strictSame(counts, [5000, 1500, 3, 5000].map(count => ({ code: 200, count })))
})

t.test('releases its connection when the client disconnects, and when it reads too slowly', async t => {
  const { app, pool, sql } = await demoHost(t, { endpoints: [...ENDPOINTS], statementTimeout: 3_000 })
  await app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1 })
  await sql(`insert into numbers select place::text, null, 1, 1, null, null, 'number', 1 from generate_series(5000000, 5199999) as place`)
  const gone = await open(app)
  t.ok(pool.totalCount > pool.idleCount)
  gone.destroy()
  await until(async () => pool.totalCount === pool.idleCount)

  const slow = await open(app)
  t.ok(pool.totalCount > pool.idleCount)
  await until(async () => pool.totalCount === pool.idleCount)
  await t.rejects(json(slow), 'the reply is not mistaken for a whole one')
})

t.test('leaves connections for other calls, however many lists are open', async t => {
  const { app } = await demoHost(t, { endpoints: [...ENDPOINTS], queueTimeout: 500 })
  await app.telcoNumbers.create({ start: '5000000', end: '5199999', class: 1, ingroup: 1 })
  const opened = []
  for (let count = 0; count < 5; count++) opened.push(await open(app))
  const refused = await list(app)
  t.match(refused.responses, [{ code: '503', key: '' }])
  t.match(await call(app, { start: '1', class: 1, ingroup: 1 }), { responses: [{ code: '200' }] })
  t.equal((await list(app, { limit: 3 })).data.length, 3)
  for (const response of opened) response.destroy()
})

t.test('is an iterator for host code, which may leave it early', async t => {
  const { app, pool } = await demoHost(t)
  await app.telcoNumbers.create({ start: '10000', end: '14999', class: 1, ingroup: 1 })
  t.equal(await app.telcoNumbers.count(), 5000)
  t.equal(await app.telcoNumbers.count({ prefix: '12' }), 1000)
  let seen = 0
  for await (const { number } of app.telcoNumbers.list({ after: '10004' })) {
    t.equal(number, String(10_005 + seen++))
    if (seen === 3) break
  }
  t.equal(pool.totalCount, pool.idleCount)
  let all = 0
  for await (const { load } of app.telcoNumbers.list()) all += Number(load)
  t.equal(all, 5000)
  await t.rejects(app.telcoNumbers.list({ prefix: 'x' }).next(), { code: 'TELCO_NUMBERS_INVALID_PARAMETERS' })
  await t.rejects(app.telcoNumbers.count({ class: -1 }), { code: 'TELCO_NUMBERS_INVALID_PARAMETERS' })
  await app.close()
  await t.rejects(app.telcoNumbers.list().next(), { code: 'TELCO_NUMBERS_CLOSED' })
})
