import t from 'tap'
import { numbersHost, send } from '../../../support/changes.js'

t.test('deletes one number', async t => {
  const host = await numbersHost(t)
  t.strictSame(await send(host, 'delete', { number: '2125550000' }), { status: 200, responses: [{ code: '204', key: '', message: 'OK' }] })
  t.strictSame(await send(host, 'delete', { number: '2125550000' }), {
    status: 404, responses: [{ code: '404', key: 'number', message: 'number 2125550000 not found' }]
  })
})

t.test('deletes a range, and records uneven numbers as runs', async t => {
  const host = await numbersHost(t)
  await send(host, 'update', { number: '2125550050', end: '2125550059', class: 2 })
  t.strictSame(await send(host, 'delete', { number: '2125550000', end: '2125550099' }), {
    status: 200, responses: [{ code: '204', key: '', message: 'OK' }], data: { count: 100 }
  })
  t.match(await host.sql('select first, last, count, alias, class from changed_runs where change = 3 order by first'), [
    { first: '2125550000', last: '2125550049', count: 50, alias: '+10000', class: 1 },
    { first: '2125550050', last: '2125550059', count: 10, alias: '+10050', class: 2 },
    { first: '2125550060', last: '2125550099', count: 40, alias: '+10060', class: 1 }
  ])
  t.match(await host.sql('select count(*)::integer from numbers'), [{ count: 9900 }])
})

t.test('refuses a number that rows of other tables refer to', async t => {
  const host = await numbersHost(t)
  await host.sql(`create table provisioned (number text references numbers); insert into provisioned values ('2125550001')`)
  t.match(await send(host, 'delete', { number: '2125550000', end: '2125550009' }), {
    status: 400, responses: [{ key: 'number', message: /rows of other tables refer to it/ }]
  })
  t.strictSame(await host.sql('select * from changes'), [])
})

t.test('replies with 200 to every code of the specification if httpStatus is always-200', async t => {
  const host = await numbersHost(t, { httpStatus: 'always-200' })
  for (const [parameters, code] of [
    [{ number: '2125550000', validation: 1 }, '201'], [{ number: '2125550000' }, '204'], [{ number: '2125550000' }, '404'],
    [{ number: 'x' }, '400'], [{ number: '1', auth_password: 'x' }, '401'], [{ number: '1', auth_username: 'clerk' }, '402']
  ] as const) {
    t.match(await send(host, 'delete', parameters), { status: 200, responses: [{ code }] })
  }
})
