import t, { type Test } from 'tap'
import { run, runAnswering, runAt, testTerminal } from '../../support/command-line.js'
import { DATABASE_URL, demoHost } from '../../support/host.js'
import { openSession } from '../../support/session.js'

t.jobs = 2

/** A schema with load 1: a thousand charged numbers of customer 3. */
async function charged (t: Test) {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ start: '2125550000', end: '2125550999', class: 1, ingroup: 1, customer: 3, charge_customer: true })
  return { ...host, environment: { DATABASE_URL, SCHEMA: host.schema, USER: 'operator' } }
}

t.test('update and delete show a preview with names, ask, and say how to undo them', async t => {
  const { environment, sql } = await charged(t)
  const words = '2125550100 --end 2125550149 --class 2 --ingroup 1 --customer 3 --region 1 --alias +50 --stype callerid --as ann'.split(' ')
  const updated = await runAnswering(['update', ...words], environment, [[/Continue\?/, 'y\r']])
  t.match(updated, { status: 0, out: 'Update 2: 50 numbers changed. To undo it: fastify-telco-numbers undo 2\n' })
  t.match(updated.err, `50 numbers will be changed: 2125550100 to 2125550149
  now: 50 of class 1 (Normal), customer 3 (Customer)
  class 2 (Gold)
  ingroup 1 (Toll-free)
  customer 3 (Customer)
  region 1 (Americas)
  aliases +50 to +99
  stype callerid\n`)
  const none = ['update', '2125550100', '--customer', '0', '--region', '0', '--alias=']
  t.match(await runAnswering(none, environment, [[/Continue\?/, 'y\r']]), {
    status: 0,
    err: /^1 number will be changed: .*\n {2}now: .*\n {2}no customer: in the pool [^\n]*\n {2}no region\n {2}no aliases\n/
  })
  t.match(await run(['get', '2125550100'], environment), { out: /, class 2, ingroup 1, free, callerid, load 1$/ })

  const release = ['delete', '2125550000', '--end', '2125550009']
  t.match(await runAnswering(release, environment, [[/Continue\?/, 'n\r']]), {
    status: 1, out: '', err: /^10 numbers will be deleted: .*\n {2}now: .*\n {2}no refunds\n[^]*not confirmed: nothing was changed\n$/
  })
  t.match(await runAnswering([...release, '--refund'], environment, [[/Continue\?/, 'y\r']]), {
    status: 0,
    err: /deleted: .*\n {2}now: .*\n {2}customer 3 \(Customer\) gets back 15\.00\n {2}customer 2 \(Reseller\) gets back 10\.00\n/,
    out: 'Delete 4: 10 numbers deleted. To undo it: fastify-telco-numbers undo 4\n' +
      'customer 3 (Customer) gets back 15.00\ncustomer 2 (Reseller) gets back 10.00\n'
  })
  t.strictSame(await sql('select id, kind, person, source from changes order by id'), [
    { id: '2', kind: 'update', person: 'ann', source: 'command line' }, { id: '3', kind: 'update', person: 'operator', source: 'command line' },
    { id: '4', kind: 'delete', person: 'operator', source: 'command line' }
  ])
  await run(['create', '--start', '77', '--class', '1', '--ingroup', '1', '--yes'], environment)
  t.match(await runAnswering(['delete', '77', '--refund'], environment, [[/Continue\?/, '\r']]), { err: '  no refunds: nothing was charged\n' })
})

t.test('the preview of an update or delete counts the numbers by class and customer, most first', async t => {
  const { environment, sql } = await charged(t)
  await sql(`update numbers set customer = null where number < '2125550100'`)
  const words = ['delete', '2125550000', '--end', '2125550299']
  t.match(await runAnswering(words, environment, [[/Continue\?/, 'n\r']]), {
    err: `  now: 200 of class 1 (Normal), customer 3 (Customer)\n  now: 100 of class 1 (Normal), free\n  no refunds\n`
  })
  await sql('insert into classes (id, name) select id, $1 from generate_series(11, 16) as id', ['Other'])
  await sql(`update numbers set class = right(number, 2)::integer where number between '2125550011' and '2125550016'`)
  t.match(await runAnswering(words, environment, [[/Continue\?/, 'n\r']]), {
    err: `  now: 94 of class 1 (Normal), free
  now: 1 of class 11 (Other), free
  now: 1 of class 12 (Other), free
  now: 1 of class 13 (Other), free
  now: 3 of other classes and customers\n`
  })
})

t.test('update and delete follow the rules of the endpoints', async t => {
  const { environment, sql } = await charged(t)
  for (const [words, expected] of [
    [['update', '2125550000', '--class', '2'], { status: 2, err: /give --yes to run it without a question/ }],
    [['delete', '2125550000'], { status: 2, err: /give --yes/ }],
    [['update', '2125550000', '--yes'], { status: 2, err: /nothing to change: give --class, / }],
    [['update', '--class', '2', '--yes'], { status: 2, err: /usage: fastify-telco-numbers update <number>/ }],
    [['update', '2125550000', '--shortcut', '1'], { status: 2, err: /unknown option --shortcut/ }],
    [['update', 'x', '--class', '9', '--yes'], { status: 1, err: /^.*: number must be 1 to 32 digits, .*\n.*: class 9 does not exist/ }],
    [['delete', '2125550999', '--end', '2125551001', '--yes'], { status: 1, err: /2 of the 3 numbers do not exist: 2125551000 to 2125551001/ }],
    [['delete', '9', '--validation'], { status: 1, err: /number 9 not found/ }],
    [['update', '2125550000', '--customer', '2', '--validation'], { status: 0, out: 'The input passed validation; nothing was changed.' }],
    [['delete', '2125550000', '--refund', '--validation'], {
      status: 0, out: /^The input .*\ncustomer 3 \(Customer\) would get back 1\.50\ncustomer 2 \(Reseller\) would get back 1\.00$/
    }]
  ] as const) t.match(await run([...words], environment), expected, words.join(' '))
  t.match(await runAnswering(['delete', '9'], environment, []), { status: 1, err: /^.*number 9 not found\n$/ }, 'before a question')
  t.strictSame(await sql('select * from changes'), [])
  const deleted = await run(['delete', '2125550000', '--refund', '--yes', '--json'], environment)
  t.strictSame(JSON.parse(deleted.out), {
    id: '3', count: 1, refunds: [{ customer: 3, customerName: 'Customer', amount: '1.50' }, { customer: 2, customerName: 'Reseller', amount: '1.00' }]
  })
})

t.test('a signal cancels an update or a delete and leaves nothing of it', async t => {
  const { environment, sql, ...host } = await charged(t)
  const other = await openSession(t, { sql, ...host })
  await other.query(`begin; update numbers set region = 2 where number = '2125550999'`)
  for (const words of [['update', '2125550000', '--class', '2'], ['delete', '2125550000']]) {
    const terminal = testTerminal({ isTTY: true })
    const ended = runAt(terminal, [...words, '--end', '2125550999', '--yes'], environment)
    await other.waitedFor()
    terminal.signals.emit('SIGINT')
    t.match(await ended, { status: 130, err: /cancelling; .*\n.*interrupted: nothing was changed\n$/ })
  }
  await other.query('commit')
  t.strictSame(await sql('select * from changes'), [])
})
