import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { call, callOf, demoHost, type Answer } from '../../../support/host.js'
import { CHECK, contentOf, NUMBER, outcomeOf } from '../../../support/endpoint.js'

/** Returns the message of every issue, by parameter. */
async function messagesOf (app: FastifyInstance, parameters: Record<string, string | number>): Promise<Record<string, string>> {
  const { responses } = await call(app, parameters) satisfies Answer
  return Object.fromEntries(responses.map(({ key, message }) => [key, message]))
}

// The calls in which a test uses it change nothing.
const { app } = await demoHost(t)

t.test('refuses a class, ingroup, customer or region that does not exist; 0 means none for customer and region only', async t => {
  t.strictSame(await messagesOf(app, { ...CHECK, class: 9, ingroup: 9, customer: 9, region: 9 }), {
    class: 'class 9 does not exist; existing: 1 (Normal), 2 (Gold), 3 (Reserved)',
    ingroup: 'ingroup 9 does not exist; existing: 1 (Toll-free), 2 (New York), 3 (London)',
    customer: 'customer 9 does not exist; existing: 1 (System owner), 2 (Reseller), 3 (Customer), 4 (Unpriced customer)',
    region: 'region 9 does not exist; existing: 1 (Americas), 2 (Europe)'
  })
  t.strictSame(await outcomeOf(app, callOf({ ...CHECK, class: 0, ingroup: 0, customer: 0, region: 0 })), ['400 class', '400 ingroup'])
})

t.test('names the nearest rows instead of a missing one, if there are more than ten', async t => {
  const { app, sql } = await demoHost(t)
  await sql(`delete from regions`)
  t.match(await messagesOf(app, { ...CHECK, region: 9 }), { region: 'region 9 does not exist; existing: none' })
  await sql(`insert into regions (id, name) select n, 'Region ' || n from generate_series(10, 100, 10) as n`)
  t.match(await messagesOf(app, { ...CHECK, region: 9 }), { region: /; existing: 10 \(Region 10\), .*, 100 \(Region 100\)$/ })
  await sql(`insert into regions (id, name) values (110, 'Far')`)
  for (const [region, nearest] of [[9, '10 (Region 10)'], [25, '20 (Region 20), 30 (Region 30)'], [999, '110 (Far)']] as const) {
    t.match(await messagesOf(app, { ...CHECK, region }), { region: `region ${region} does not exist; nearest: ${nearest}` })
  }
  const rows = Array.from({ length: 22 }, (_, index) => ({ number: `5${index + 10}`, region: 200 + index }))
  const refused = await app.telcoNumbers.import(rows, { class: 1, ingroup: 1 }).catch((error: unknown) => error)
  t.match(refused, { issues: [
    { message: 'line 1, column region: region 200 does not exist; nearest: 110 (Far)' }, ...Array<object>(20).fill({}),
    { message: /region 221 does not exist$/ }
  ] })
})

t.test('stores a missing customer, region or alias as NULL', async t => {
  const { app, sql } = await demoHost(t)
  await call(app, { ...NUMBER, customer: 0, region: 0, alias: '' })
  t.match(await sql('select customer, region, alias from numbers'), [{ customer: null, region: null, alias: null }])
  t.match(await sql('select customer, region, alias from loads'), [{ customer: null, region: null, alias: null }])
})

t.test('refuses a reserved class for another customer, but accepts it without a customer', async t => {
  const reserved = { ...CHECK, class: 3 }
  t.strictSame(await messagesOf(app, { ...reserved, customer: 2 }), { class: 'class 3 is reserved for another customer' })
  t.strictSame(await outcomeOf(app, callOf({ ...reserved, customer: 3 })), ['201'])
  t.strictSame(await outcomeOf(app, callOf({ ...reserved, customer: 0 })), ['201'])
})

t.test('refuses charge_customer=1 without a customer', async t => {
  for (const customer of [0, '']) {
    t.strictSame(await outcomeOf(app, callOf({ ...CHECK, charge_customer: 1, customer })), ['400 charge_customer'])
  }
})

t.test('refuses an end that has another width, is below start or is too far from it', async t => {
  t.strictSame(await messagesOf(app, { ...CHECK, end: '999' }), {
    end: 'end must have as many digits as start: start has 10, end has 3'
  })
  t.strictSame(await messagesOf(app, { ...CHECK, end: '2125549999' }), { end: 'end must not be below start' })
  t.strictSame(await messagesOf(app, { ...CHECK, end: '2126550000' }), {
    end: 'the range has 1000001 numbers, but at most 1000000 are allowed: choose an end nearer to start'
  })
  t.strictSame(await outcomeOf(app, callOf({ ...CHECK, end: '2126549999' })), ['201'])
})

t.test('refuses aliases that would outgrow their width', async t => {
  const ten = { ...CHECK, end: '2125550009' }
  t.match(await messagesOf(app, { ...ten, alias: '+91' }), { alias: /^alias must leave room to count up 10 aliases/ })
  t.strictSame(await outcomeOf(app, callOf({ ...ten, alias: '+90' })), ['201'])
})

t.test('refuses the whole call if any number exists, and reports the existing numbers as ranges', async t => {
  const host = await demoHost(t)
  const { app } = host
  await call(app, { ...NUMBER, start: '2125550003' })
  await call(app, { ...NUMBER, start: '2125550005', end: '2125550007' })
  const before = await contentOf(host)
  const ten = { ...NUMBER, end: '2125550009' }
  const messages = { start: '4 of the 10 numbers already exist: 2125550003, 2125550005 to 2125550007' }
  t.strictSame(await messagesOf(app, { ...ten, validation: 1 }), messages)
  t.strictSame(await messagesOf(app, ten), messages)
  t.strictSame(await messagesOf(app, { ...NUMBER, start: '2125550006' }), {
    start: '1 number already exists: 2125550006'
  })
  t.strictSame(await contentOf(host), before)
})

t.test('names only the first few of many existing ranges', async t => {
  const { app } = await demoHost(t)
  for (const start of ['01', '03', '05', '07']) await call(app, { ...NUMBER, start })
  t.strictSame(await messagesOf(app, { ...NUMBER, start: '00', end: '99' }), {
    start: '4 of the 100 numbers already exist: 01, 03, 05, and more'
  })
})

t.test('treats numbers of different widths as different numbers', async t => {
  const { app } = await demoHost(t)
  for (const start of ['7', '07', '007']) t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, start })), ['200'])
  t.strictSame(await messagesOf(app, { ...NUMBER, start: '00', end: '09' }), { start: '1 of the 10 numbers already exists: 07' })
})

t.test('names the number or alias if a call for one number is refused', async t => {
  const { app } = await demoHost(t)
  await call(app, { ...NUMBER, alias: '5' })
  t.strictSame(await messagesOf(app, { ...NUMBER, alias: '5' }), {
    start: '1 number already exists: 2125550000', alias: '1 alias already exists: 5'
  })
})

t.test('proposes an alias that is wide enough', async t => {
  const block = { ...CHECK, end: '2125559999' }
  const message = 'alias must leave room to count up 10000 aliases of the same width'
  t.strictSame(await messagesOf(app, { ...block, alias: '5000' }), { alias: `${message}: give 05000` })
  t.strictSame(await outcomeOf(app, callOf({ ...block, alias: '05000' })), ['201'])
  t.strictSame(await messagesOf(app, { ...block, alias: '+5000' }), { alias: `${message}: give +05000` })
  t.strictSame(await messagesOf(app, { ...block, alias: '9'.repeat(32) }), { alias: message })
})

t.test('refuses the whole call if any alias exists, and reports the existing aliases as ranges', async t => {
  const host = await demoHost(t)
  const { app } = host
  await call(app, { ...NUMBER, start: '10', end: '13', alias: '+0008' })
  const before = await contentOf(host)
  const messages = { alias: '3 of the 10 aliases already exist: +0009 to +0011' }
  t.strictSame(await messagesOf(app, { ...NUMBER, start: '20', end: '29', alias: '+0009', validation: 1 }), messages)
  t.strictSame(await messagesOf(app, { ...NUMBER, start: '20', end: '29', alias: '+0009' }), messages)
  t.strictSame(await messagesOf(app, { ...NUMBER, start: '13', end: '14', alias: '+0011' }), {
    start: '1 of the 2 numbers already exists: 13', alias: '1 of the 2 aliases already exists: +0011'
  })
  t.strictSame(await contentOf(host), before)
})

t.test('treats aliases with and without a plus sign as different aliases', async t => {
  const { app } = await demoHost(t)
  for (const [start, alias] of [['1', '+49'], ['2', '49'], ['3', '049'], ['4', '+049']] as const) {
    t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, start, alias })), ['200'])
  }
})
