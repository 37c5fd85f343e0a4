import t from 'tap'
import { call, demoHost, type TestSchema } from '../support/host.js'
import { keysOfRefusal } from '../support/refusal.js'

t.jobs = 3

/** Returns the sizes of the tables that a load writes, dead rows included, and the last identifier of a load. */
async function footprint ({ sql }: TestSchema): Promise<unknown> {
  return await sql(`select pg_relation_size('numbers') as numbers, pg_relation_size('numbers_pkey') as index,
    pg_relation_size('loads') as loads, pg_relation_size('transactions') as transactions,
    (select sum(balance) from customers) as balance, (select last_value from loads_id_seq) as load`)
}

t.test('returns the load that it has created', async t => {
  const { app, sql } = await demoHost(t)
  const created = await app.telcoNumbers.create({ start: '100', end: '199', class: 1, ingroup: 1 })
  t.strictSame(await sql('select id, count from loads'), [{ id: created.id, count: 100 }])
  t.strictSame(created, { id: created.id, count: 100, charges: [] })
})

t.test('leaves nothing of a refused call, not even dead rows', async t => {
  const host = await demoHost(t)
  const numbers = host.app.telcoNumbers
  await numbers.create({ start: '100', end: '199', alias: '+500', class: 1, ingroup: 1 })
  const before = await footprint(host)
  for (const [request, keys] of [
    [{ start: '199', end: '999' }, ['start']],
    [{ start: '200', end: '299', alias: '+599' }, ['alias']],
    [{ start: '000', end: '100', alias: '+500' }, ['start', 'alias']],
    [{ start: '200', end: '299', class: 9, ingroup: 9, customer: 9, region: 9 }, ['class', 'ingroup', 'customer', 'region']],
    [{ start: '200', end: '299', class: 3, customer: 2 }, ['class']],
    [{ start: '200', end: '199' }, ['end']]
  ] as const) {
    t.strictSame(await keysOfRefusal(numbers.create({ class: 1, ingroup: 1, ...request })), keys)
  }
  t.strictSame(await footprint(host), before)
})

t.test('adds no numbers if the charge is refused', async t => {
  const { app, sql } = await demoHost(t)
  const request = { start: '100', end: '199', class: 3, ingroup: 1, customer: 3, charge_customer: true }
  t.strictSame(await keysOfRefusal(app.telcoNumbers.create(request)), ['charge_customer'])
  t.strictSame(await sql('select from numbers union all select from loads union all select from transactions'), [])
})

t.test('makes every check for validation, and writes nothing', async t => {
  const host = await demoHost(t)
  const numbers = host.app.telcoNumbers
  await numbers.create({ start: '100', end: '199', alias: '+500', class: 1, ingroup: 1 })
  const before = await footprint(host)
  const request = { start: '200', end: '299', alias: '+600', class: 1, ingroup: 1, validation: true }
  t.strictSame(await numbers.create(request), { id: null, count: 0, charges: [] })
  t.match(await numbers.create({ ...request, customer: 3, charge_customer: true }), {
    id: null, count: 0, charges: [{ customer: 3, quantity: 100 }, { customer: 2, quantity: 100 }]
  })
  t.strictSame(await keysOfRefusal(numbers.create({ ...request, start: '199', alias: '+599', class: 9, region: 9 })),
    ['start', 'class', 'alias', 'region'])
  t.strictSame(await footprint(host), before)
})

t.test('charges the amounts that validation has quoted', async t => {
  const { app, sql } = await demoHost(t)
  const request = { start: '100', end: '199', class: 1, ingroup: 1, customer: 3, charge_customer: true }
  const { charges } = await app.telcoNumbers.create({ ...request, validation: true })
  t.strictSame((await app.telcoNumbers.create(request)).charges, charges)
  t.strictSame(await sql('select charged = $1 as same from loads',
    [charges.reduce((sum, { amount }) => sum + Number(amount), 0)]), [{ same: true }])
})

t.test('adds a million numbers in one call', async t => {
  const { app, sql } = await demoHost(t)
  const request = { start: '0390000000', end: '0390999999', alias: '+44390000000', class: 1, ingroup: 1, customer: 2, region: 1 }
  t.strictSame(await call(app, request), { responses: [{ code: '200', key: '', message: 'OK' }], data: { count: 1_000_000 } })
  t.strictSame(await sql(`select count(*)::integer, min(number), max(number), min(alias) as first, max(alias) as last,
    count(distinct load)::integer as loads from numbers`), [{
    count: 1_000_000, min: request.start, max: request.end, first: request.alias, last: '+44390999999', loads: 1
  }])
  const { responses } = await call(app, { ...request, start: request.end, end: '' })
  t.match(responses, [{ code: '400', key: 'start', message: /^1 number already exists/ }, { code: '400', key: 'alias' }])
  t.match((await call(app, request)).responses, [
    { code: '400', key: 'start', message: /at least 100000 of the 1000000 numbers/ }, { code: '400', key: 'alias' }
  ])
})

t.test('refuses a million numbers before it writes a row if only the last one exists', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ start: '0390999999', class: 1, ingroup: 1 })
  const before = await footprint(host)
  t.match((await call(host.app, { start: '0390000000', end: '0390999999', class: 1, ingroup: 1 })).responses, [
    { code: '400', key: 'start', message: /^1 of the 1000000 numbers already exists: 0390999999$/ }
  ])
  t.strictSame(await footprint(host), before)
})

t.test('replies 500 if a table is missing', async t => {
  const { app, pool, schema } = await demoHost(t)
  await pool.query(`drop table ${schema}.numbers cascade`)
  t.match((await call(app, { start: '1', class: 1, ingroup: 1 })).responses, [{ code: '500', key: '' }])
})
