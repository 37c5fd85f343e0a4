import t from 'tap'
import { numbersHost, rowOf, send } from '../support/changes.js'
import { demoHost } from '../support/host.js'
import { openSession } from '../support/session.js'

t.test('refuses a range with numbers that do not exist', async t => {
  const host = await numbersHost(t)
  for (const name of ['update', 'delete']) {
    const parameters: Record<string, string | number> = name === 'update' ? { class: 2 } : {}
    t.strictSame(await send(host, name, { ...parameters, number: '2125559999999' }), {
      status: 404, responses: [{ code: '404', key: 'number', message: 'number 2125559999999 not found' }]
    })
    t.match(await send(host, name, { ...parameters, number: '2125559990', end: '2125560009' }), {
      responses: [{ code: '400', key: 'number', message: '10 of the 20 numbers do not exist: 2125560000 to 2125560009' }]
    })
  }
  await host.sql(`delete from numbers where number ~ '[13579]$' and number < '2125550020'`)
  t.match(await send(host, 'delete', { number: '2125550000', end: '2125559999' }), {
    responses: [{ message: '10 of the 10000 numbers do not exist: 2125550001, 2125550003, 2125550005, and more' }]
  })
  t.strictSame(await host.sql('select * from changes'), [])
})

t.test('reports all issues that can be found, even if another parameter is invalid', async t => {
  const host = await numbersHost(t)
  const outcome = async (name: string, parameters: Record<string, string | number>): Promise<Record<string, string>> => (
    Object.fromEntries((await send(host, name, parameters)).responses.map(({ key, message }) => [key, message])))
  const beyond = { number: '2125559990', end: '2125560009' }
  const missing = '10 of the 20 numbers do not exist: 2125560000 to 2125560009'
  t.match(await outcome('delete', { ...beyond, refund: 2 }), { number: missing, refund: 'refund must be 0 or 1' })
  t.match(await outcome('delete', { number: '2125559990', refund: 2 }), { refund: 'refund must be 0 or 1' })
  t.match(await outcome('update', { ...beyond, stype: 'x', alias: '+10000', region: 9 }), {
    number: missing, alias: '20 of the 20 aliases already exist: +10000 to +10019', region: /^region 9 does not exist/, stype: /^stype must be/
  })
  await host.app.telcoNumbers.update({ number: '2125559999', customer: 2 })
  const reserved = 'class 3 is reserved for another customer'
  t.strictSame(await outcome('update', { ...beyond, class: 3 }), { number: missing, class: reserved })
  t.match(await outcome('update', { ...beyond, class: 3, stype: 'x' }), { number: missing, class: reserved, stype: /^stype must be/ })
  t.strictSame(Object.keys(await outcome('update', { ...beyond, class: 3, customer: 'x' })), ['number', 'customer'])
  t.strictSame(Object.keys(await outcome('update', { class: 3, stype: 'x' })), ['number', 'stype'])
  t.match(await host.sql('select count(*)::integer from changes'), [{ count: 1 }])
})

t.test('validates without writing, and uses no identifier', async t => {
  const host = await numbersHost(t)
  for (const name of ['update', 'delete']) {
    t.match(await send(host, name, { number: '2125550000', end: '2125559999', validation: 1 }), {
      status: 201, responses: [{ code: '201' }], data: { count: 0 }
    })
  }
  t.match(await host.app.telcoNumbers.create({ start: '7', class: 1, ingroup: 1 }), { id: '2' })
  t.match(await host.sql('select count(*)::integer from numbers'), [{ count: 10_001 }])
})

t.test('takes identifiers of loads and changes from one sequence', async t => {
  const { app } = await numbersHost(t)
  const ids = [
    await app.telcoNumbers.update({ number: '2125550000', class: 2 }),
    await app.telcoNumbers.create({ start: '7', class: 1, ingroup: 1 }),
    await app.telcoNumbers.delete({ number: '7' }, { person: 'import', source: 'file', requestId: 'job 7' })
  ].map(({ id }) => id)
  t.strictSame(ids, ['2', '3', '4'])
})

t.test('records a long range of equal numbers as one run', async t => {
  const { app, sql } = await demoHost(t)
  await app.telcoNumbers.create({ start: '30000000', end: '30019999', class: 1, ingroup: 1 })
  t.match(await app.telcoNumbers.update({ number: '30000000', end: '30019999', class: 2, customer: 3, region: 1 }), { count: 20_000 })
  t.match(await app.telcoNumbers.update({ number: '30000000', end: '30019999', alias: '070000' }), { count: 20_000 })
  t.match(await app.telcoNumbers.update({ number: '30000000', end: '30019999', alias: '070001' }), { count: 20_000 })
  t.match(await app.telcoNumbers.delete({ number: '30000000', end: '30019999' }), { count: 20_000 })
  t.match(await sql('select count, class, customer, alias from changed_runs order by change'), [
    { count: 20_000, class: 1, customer: null, alias: null },
    { count: 20_000, class: 2, customer: 3, alias: null },
    { count: 20_000, class: 2, customer: 3, alias: '070000' },
    { count: 20_000, class: 2, customer: 3, alias: '070001' }
  ])
})

t.test('deletes a long range that a load has just added in one step, and refuses one with a missing number', async t => {
  const { app, sql } = await demoHost(t)
  const [range, load] = [{ number: '30000000', end: '30019999' }, { start: '30000000', end: '30019999', class: 1, ingroup: 1 }]
  await t.rejects(app.telcoNumbers.delete(range), { message: /^20000 of the 20000 numbers do not exist/ })
  await app.telcoNumbers.create(load)
  t.match(await app.telcoNumbers.delete(range), { count: 20_000 })
  t.match(await sql('select first, last, count, class, load from changed_runs'), [{ first: '30000000', last: '30019999', count: 20_000, class: 1 }])
  await app.telcoNumbers.create(load)
  await sql(`delete from numbers where number = '30000007'`)
  await t.rejects(app.telcoNumbers.delete(range), { message: '1 of the 20000 numbers do not exist: 30000007' })
  await sql(`insert into numbers select '3000000/', null, class, ingroup, customer, region, stype, load from numbers limit 1`)
  await t.rejects(app.telcoNumbers.delete(range), { message: '1 of the 20000 numbers do not exist: 30000007' })
  t.match(await sql('select count(*)::integer from numbers'), [{ count: 20_000 }])
})

t.test('records a long range of different numbers, whatever a host has stored in it', async t => {
  const { app, sql } = await demoHost(t)
  await app.telcoNumbers.create({ start: '29995000', end: '30014999', class: 1, ingroup: 1 })
  await sql(`update numbers set class = 2 where number ~ '[05]$' and number < '29996000'`)
  await sql('alter table numbers disable trigger numbers_digits_updated')
  await sql(`update numbers set alias = 'x' || number where number > '30014000'`)
  await sql(`update numbers set alias = '+09' where number = '30010000'`)
  await sql(`update numbers set alias = '+10' where number = '30010001'`)
  await sql(`insert into numbers select '3000/000', null, class, ingroup, customer, region, stype, load from numbers limit 1`)
  await app.telcoNumbers.create({ start: '299950001', class: 1, ingroup: 1 })
  t.match(await app.telcoNumbers.update({ number: '29995000', end: '30014999', region: 2 }), { count: 20_000 })
  t.match(await sql('select count(*)::integer from numbers where region = 2'), [{ count: 20_000 }])
  t.match(await sql(`select count from changed_runs where alias = '+09'`), [{ count: 2 }])
  t.match(await app.telcoNumbers.delete({ number: '29995000', end: '30014999' }), { count: 20_000 })
  t.strictSame(await sql('select number from numbers order by number'), [{ number: '299950001' }, { number: '3000/000' }])
  const [runs] = await sql<{ count: number, numbers: number }>(
    'select count(*)::integer, sum(count)::integer as numbers from changed_runs where change = 4')
  t.match(runs, { numbers: 20_000, count: 400 + 1 + 1 + 999 })
})

t.test('changes numbers of every width and with every alias', async t => {
  const { app, sql } = await demoHost(t)
  for (const [number, end, alias] of [
    ['0', '9', '+0'], ['095', '104', '95'.padStart(32, '0')], ['9'.repeat(31) + '0', '9'.repeat(32), '1'.padEnd(32, '0')],
    ['0'.repeat(32), '0'.repeat(31) + '9', '+' + '8'.repeat(32)]
  ] as const) {
    await app.telcoNumbers.create({ start: number, end, class: 1, ingroup: 1 })
    t.match(await app.telcoNumbers.update({ number, end, alias }), { count: 10 })
    t.match(await app.telcoNumbers.update({ number, end, class: 2 }), { count: 10 })
    t.match(await sql('select alias from changed_runs where change = (select max(id) from changes)'), [{ alias }])
    t.match(await app.telcoNumbers.get(number), { alias, class: 2 })
    t.match(await app.telcoNumbers.delete({ number, end }), { count: 10 })
  }
})

t.test('waits for a concurrent change of a number, and records its result', async t => {
  const host = await numbersHost(t)
  const other = await openSession(t, host)
  await other.query(`begin; update numbers set region = 2 where number = '2125550099'`)
  const change = host.app.telcoNumbers.update({ number: '2125550000', end: '2125550099', class: 2 })
  await other.waitedFor()
  await other.query('commit')
  t.match(await change, { count: 100 })
  t.match(await rowOf(host, '2125550099'), { class: 2, region: 2 })
  t.match(await host.sql('select last, region from changed_runs order by first'), [{ last: '2125550098', region: 1 }, { last: '2125550099', region: 2 }])
})

t.test('reports rows that a concurrent transaction has deleted, taken or reserved', async t => {
  const host = await numbersHost(t)
  for (const [statement, parameters, key] of [
    [`delete from numbers where number = '2125550099'`, { class: 2 }, 'number'],
    [`update numbers set customer = 2 where number = '2125550098'`, { class: 3 }, 'class'],
    [`delete from regions where id = 2`, { region: 2 }, 'region'],
    [`insert into numbers select '7', '777', class, ingroup, customer, region, stype, load from numbers limit 1`, { alias: '777' }, 'alias']
  ] as const) {
    const other = await openSession(t, host)
    await other.query(`begin; ${statement}`)
    const number = key === 'class' ? '2125550098' : '2125550000'
    const end = key === 'number' ? '2125550099' : number
    const change = host.app.telcoNumbers.update({ number, end, ...parameters })
    await other.waitedFor()
    await other.query('commit')
    await t.rejects(change, { code: 'TELCO_NUMBERS_INVALID_PARAMETERS', issues: [{ key }] }, statement)
  }
})

t.test('is busy if a trigger keeps a number as it is', async t => {
  const host = await numbersHost(t)
  await host.sql(`create function keep() returns trigger language plpgsql as 'begin return null; end';
    create trigger keep before update or delete on numbers for each row when (old.number = '2125550005') execute function keep()`)
  await t.rejects(host.app.telcoNumbers.update({ number: '2125550000', end: '2125550009', class: 2 }), { code: 'TELCO_NUMBERS_DATABASE_BUSY' })
  await t.rejects(host.app.telcoNumbers.delete({ number: '2125550005' }), { code: 'TELCO_NUMBERS_DATABASE_BUSY' })
  t.strictSame(await host.sql('select * from changes'), [])
})
