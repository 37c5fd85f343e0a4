import t from 'tap'
import type { ListRecordsOptions } from '../../lib/index.js'
import { demoHost } from '../support/host.js'

t.test('lists loads page by page, the latest first', async t => {
  const { app } = await demoHost(t)
  t.strictSame(await app.telcoNumbers.listLoads(), [])
  for (const start of ['1', '2', '3']) await app.telcoNumbers.create({ start, class: 1, ingroup: 1 })
  const latest = await app.telcoNumbers.listLoads({ limit: 2 })
  t.strictSame(latest.map(load => load.start), ['3', '2'])
  t.strictSame((await app.telcoNumbers.listLoads({ before: latest[1]?.id ?? '' })).map(load => load.start), ['1'])
})

t.test('lists the loads of a person, a customer, a number or a day', async t => {
  const { app: { telcoNumbers }, sql } = await demoHost(t)
  const one = { class: 1, ingroup: 1 }
  await telcoNumbers.create({ ...one, start: '100', end: '199', customer: 2 }, { person: 'ann' })
  await telcoNumbers.import([{ start: '200', end: '209', customer: 3 }, { start: '300', end: '309', customer: 2 }], one, { person: 'bob' })
  await telcoNumbers.create({ ...one, start: '1000' }, { person: 'bob' })
  await sql(`update loads set created_at = '2026-02-28 23:59:59.999+00' where id = 1`)
  await sql(`update loads set created_at = '2026-03-01 00:00+00' where id = 3`)
  const idsOf = async (options: ListRecordsOptions): Promise<string[]> => (
    (await telcoNumbers.listLoads(options)).map(({ id }) => id))
  for (const [options, ids] of [
    [{ person: 'bob' }, ['3', '2']], [{ person: 'bob', before: '3' }, ['2']], [{ customer: 2 }, ['2', '1']], [{ customer: 3 }, ['2']],
    [{ number: '199' }, ['1']], [{ number: '305' }, ['2']], [{ number: '250' }, []], [{ number: '1000' }, ['3']],
    [{ day: '2026-02-28' }, ['1']], [{ day: '2026-03-01' }, ['3']], [{ day: '2026-03-01', person: 'ann' }, []]
  ] as const) t.strictSame(await idsOf(options), ids, JSON.stringify(options))
})

t.test('records every parameter of a call', async t => {
  const { app } = await demoHost(t)
  const parameters = { start: '0100', end: '0109', class: 2, ingroup: 3, alias: '+07', customer: 3, region: 2, stype: 'callerid' as const }
  const { id } = await app.telcoNumbers.create({ ...parameters, charge_customer: true }, { person: 'import', source: 'file' })
  t.match(await app.telcoNumbers.getLoad(id ?? ''), {
    ...parameters,
    id,
    createdAt: Date,
    person: 'import',
    source: 'file',
    count: 10,
    chargeCustomer: true,
    charged: '250.00',
    undoneAt: null,
    undoneBy: null,
    transactions: [
      { customer: 2, customerName: 'Reseller', quantity: 10, unitPrice: '10.00', amount: '-100.00', balanceAfter: '-100.00' },
      { customer: 3, customerName: 'Customer', quantity: 10, unitPrice: '15.00', amount: '-150.00', balanceAfter: '-150.00' }
    ]
  })
})

t.test('rejects a load that does not exist', async t => {
  const { app } = await demoHost(t)
  for (const load of ['1', 'one', '-1', '9'.repeat(40)]) {
    await t.rejects(app.telcoNumbers.getLoad(load), { code: 'TELCO_NUMBERS_LOAD_NOT_FOUND', statusCode: 404 })
    await t.rejects(app.telcoNumbers.getRecord(load), { code: 'TELCO_NUMBERS_RECORD_NOT_FOUND', statusCode: 404 })
  }
})

t.test('refuses calls after closing', async t => {
  const { app } = await demoHost(t)
  await app.close()
  await t.rejects(app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1 }), { code: 'TELCO_NUMBERS_CLOSED' })
})

t.test('refuses invalid arguments with a code', async t => {
  const { app } = await demoHost(t)
  const one = { start: '1', class: 1, ingroup: 1 }
  const code = { code: 'TELCO_NUMBERS_INVALID_ARGUMENT' }
  for (const which of [
    { limit: -1 }, { limit: 1.5 }, { before: 'x' }, { person: '\0' }, { customer: 0 }, { customer: 2 ** 31 }, { number: '+1' },
    { day: '2026-02-31' }, { day: 'today' }, { day: '+002026-02-01' }, { day: '0000-01-01' }
  ]) await t.rejects(app.telcoNumbers.listLoads(which), code, JSON.stringify(which))
  await t.rejects(app.telcoNumbers.create(one, { person: 'a\0b' }), code)
  await t.rejects(app.telcoNumbers.create(one, { source: '\ud800' }), code)
  await t.rejects(app.telcoNumbers.undo('1', { person: '\0' }), code)
  // JavaScript hosts have no compiler that refuses these.
  const asAny = (value: unknown): never => value as never
  await t.rejects(app.telcoNumbers.create(one, { person: asAny(5) }), code)
  await t.rejects(app.telcoNumbers.undo('1', { person: asAny({}) }), code)
  await t.rejects(app.telcoNumbers.undo('1', { with: asAny('23') }), code)
})

t.test('lists the loads of the last day that a date can have', async t => {
  const { app, sql } = await demoHost(t)
  await app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1 })
  await sql(`update loads set created_at = '9999-12-31T23:59:59Z'`)
  t.match(await app.telcoNumbers.listLoads({ day: '9999-12-31' }), [{ id: '1' }])
  t.strictSame(await app.telcoNumbers.listLoads({ day: '9999-12-30' }), [])
})

t.test('shows, lists and undoes a load with an identifier of 19 digits', async t => {
  const { app, sql } = await demoHost(t)
  await sql(`select setval('loads_id_seq', 9223372036854775806)`)
  const id = '9223372036854775807'
  t.match(await app.telcoNumbers.create({ start: '100', end: '109', class: 1, ingroup: 1, customer: 3, charge_customer: true }), { id })
  t.match(await app.telcoNumbers.listLoads(), [{ id, count: 10 }])
  t.match(await app.telcoNumbers.listLoads({ before: id }), [])
  t.match(await app.telcoNumbers.get('105'), { load: id })
  t.equal(await app.telcoNumbers.count({ load: id }), 10)
  for (const load of ['9223372036854775808', '9'.repeat(19)]) t.equal(await app.telcoNumbers.count({ load }), 0)
  t.match(await app.telcoNumbers.undo(id), { count: 10 })
  await t.rejects(app.telcoNumbers.getLoad('9223372036854775808'), { code: 'TELCO_NUMBERS_LOAD_NOT_FOUND' })
})
