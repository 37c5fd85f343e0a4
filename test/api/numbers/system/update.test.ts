import t from 'tap'
import { numbersHost, rowOf, send } from '../../../support/changes.js'

t.test('changes one number, and records what it was', async t => {
  const host = await numbersHost(t)
  t.strictSame(await send(host, 'update', { number: '2125550042', class: 2, customer: 3 }), {
    status: 200, responses: [{ code: '204', key: '', message: 'OK' }]
  })
  t.match(await rowOf(host, '2125550042'), { class: 2, customer: 3, alias: '+10042', region: 1, load: '1' })
  t.match(await host.sql('select * from changes'), [{
    id: '2', kind: 'update', person: 'user', source: '127.0.0.1', request_id: /^req-/, start: '2125550042', end: '2125550042',
    count: 1, new_values: { class: 2, customer: 3 }, undone_at: null
  }])
  t.match(await host.sql('select * from changed_runs'), [{
    change: '2', first: '2125550042', last: '2125550042', count: 1, alias: '+10042', class: 1, customer: null, load: '1'
  }])
})

t.test('changes a range, and replies with its count', async t => {
  const host = await numbersHost(t)
  t.strictSame(await send(host, 'update', { number: '2125550100', end: '2125550149', customer: 3, region: 0, stype: 'callerid', ingroup: 2 }), {
    status: 200, responses: [{ code: '204', key: '', message: 'OK' }], data: { count: 50 }
  })
  t.strictSame(await host.sql(`select count(*)::integer from numbers
    where customer = 3 and region is null and stype = 'callerid' and ingroup = 2 and class = 1`), [{ count: 50 }])
  t.match(await send(host, 'update', { number: '2125550100', end: '2125550100', customer: 0 }), { data: { count: 1 } })
  t.match(await rowOf(host, '2125550100'), { customer: null })
})

t.test('keeps an alias that is not sent or null, and removes one that is sent empty', async t => {
  const host = await numbersHost(t)
  await send(host, 'update', { number: '2125550001', class: 2 })
  t.match(await rowOf(host, '2125550001'), { alias: '+10001' })
  await host.app.inject({
    method: 'POST', url: '/api/json/numbers/system/update',
    payload: { auth_username: 'user', auth_password: 'password', number: '2125550001', alias: null, class: 1 }
  })
  t.match(await rowOf(host, '2125550001'), { alias: '+10001', class: 1 })
  await send(host, 'update', { number: '2125550001', alias: '', customer: '' })
  t.match(await rowOf(host, '2125550001'), { alias: null })
  await host.app.telcoNumbers.update({ number: '2125550000', end: '2125550009', alias: '990' })
  t.match(await rowOf(host, '2125550009'), { alias: '999' })
})

t.test('lets the aliases of a range move by one', async t => {
  const host = await numbersHost(t)
  t.match(await send(host, 'update', { number: '2125550000', end: '2125559998', alias: '+10001' }), {
    responses: [{ code: '400', key: 'alias', message: '1 of the 9999 aliases already exists: +19999' }]
  })
  await send(host, 'update', { number: '2125559999', alias: '' })
  t.match(await send(host, 'update', { number: '2125550000', end: '2125559998', alias: '+10001' }), { data: { count: 9999 } })
  t.match(await rowOf(host, '2125559998'), { alias: '+19999' })
  t.match(await send(host, 'update', { number: '2125550000', end: '2125550001', alias: '+10002' }), {
    responses: [{ code: '400', key: 'alias', message: '1 of the 2 aliases already exists: +10003' }]
  })
})

t.test('applies the rules of create to the result', async t => {
  const host = await numbersHost(t)
  const entries = async (parameters: Record<string, string | number>) => (
    (await send(host, 'update', { number: '2125550000', ...parameters })).responses.map(({ code, key }) => `${code} ${key}`))
  t.strictSame(await entries({ class: 99, ingroup: 99, customer: 99, region: 99 }), ['400 class', '400 customer', '400 region', '400 ingroup'])
  t.strictSame(await entries({ shortcut: 1, region: 99 }), ['400 region', '400 shortcut'])
  t.strictSame(await entries({ shortcut: 0 }), ['204 '])
  t.strictSame(await entries({ class: 3, customer: 2 }), ['400 class'])
  t.strictSame(await entries({ class: 3 }), ['204 '])
  t.strictSame(await entries({ customer: 2 }), ['400 customer'])
  t.strictSame(await entries({ customer: 3 }), ['204 '])
  t.strictSame(await entries({ class: 3, alias: '+10001' }), ['400 alias'])
  t.strictSame(await entries({ end: '2125550001', alias: '9' }), ['400 alias'])
  t.strictSame(await entries({ end: '212555' }), ['400 end'])
  t.strictSame(await entries({ end: '2125549999' }), ['400 end'])
  t.strictSame(await entries({ number: '+1', alias: 'x', stype: 'fax' }), ['400 number', '400 alias', '400 stype'])
  t.match(await send(host, 'update', { number: '2125550000', end: '212' }), {
    responses: [{ message: 'end must have as many digits as number: number has 10, end has 3' }]
  })
})

t.test('refuses a reserved class if one number of a range has another customer', async t => {
  const host = await numbersHost(t)
  await send(host, 'update', { number: '2125550500', customer: 2 })
  for (const validation of [0, 1]) {
    t.match(await send(host, 'update', { number: '2125550000', end: '2125559999', class: 3, validation }), {
      responses: [{ code: '400', key: 'class', message: 'class 3 is reserved for another customer' }]
    })
  }
  t.match(await send(host, 'update', { number: '2125550000', end: '2125550499', class: 3 }), { data: { count: 500 } })
})

t.test('leaves no record if it sets nothing', async t => {
  const host = await numbersHost(t)
  t.strictSame(await send(host, 'update', { number: '2125550000' }), { status: 200, responses: [{ code: '204', key: '', message: 'OK' }] })
  t.match(await send(host, 'update', { number: '1' }), { status: 404 })
  t.strictSame(await host.app.telcoNumbers.update({ number: '2125550000', end: '2125550001' }), { id: null, count: 0, refunds: [] })
  t.strictSame(await host.sql('select * from changes'), [])
})
