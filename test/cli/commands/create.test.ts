import t, { type Test } from 'tap'
import { DATABASE_URL, demoSchema } from '../../support/host.js'
import { until } from '../../support/until.js'
import { holdLoads, run, runAnswering, runAt, testTerminal } from '../../support/command-line.js'

t.jobs = 3

const WORDS = ['create', '--start', '7000000000', '--end', '7000000999', '--class', '2', '--ingroup', '1']
const CHARGED = [...WORDS, '--customer', '3', '--charge-customer']

async function demo (t: Test) {
  const database = await demoSchema(t)
  return { ...database, database, environment: { DATABASE_URL, SCHEMA: database.schema, USER: 'operator' } }
}

t.test('at a terminal it shows a preview, and asks', async t => {
  const { environment, sql } = await demo(t)
  const answered = await runAnswering([...CHARGED, '--region', '1', '--alias', '+0500'], environment, [[/Continue\?/, 'y\r']])
  t.match(answered, {
    status: 0,
    out: 'Load 1: 1000 numbers added. To undo it: fastify-telco-numbers undo 1\n' +
      'customer 3 (Customer) paid 1000 x 15.00 = 15000.00\ncustomer 2 (Reseller) paid 1000 x 10.00 = 10000.00\n'
  })
  t.match(answered.err, `1000 numbers will be added: 7000000000 to 7000000999
  aliases +0500 to +1499
  class 2 (Gold)
  ingroup 1 (Toll-free)
  customer 3 (Customer)
  region 1 (Americas)
  stype number
  customer 3 (Customer) pays 1000 x 15.00 = 15000.00
  customer 2 (Reseller) pays 1000 x 10.00 = 10000.00\n`)
  t.strictSame(await sql('select person, source, count, charged from loads'), [
    { person: 'operator', source: 'command line', count: 1000, charged: '25000.00' }
  ])
  t.equal(answered.signals.listenerCount('SIGINT'), 1, 'a signal does not end the process before the result is printed')
})

t.test('any answer but yes cancels', async t => {
  const { environment, sql } = await demo(t)
  for (const answer of ['n\r', '\r', 'yesterday\r', '\x04']) {
    const declined = await runAnswering(WORDS, environment, [[/Continue\?/, answer]])
    t.match(declined, { status: 1, out: '', err: /not confirmed: nothing was changed\n$/ })
    t.match(declined.err, /no aliases\n/)
    t.match(declined.err, /no customer: in the pool for any customer to buy\n {2}no region\n.*\n {2}no charges\n/)
  }
  t.match(await runAnswering([...WORDS, '--json'], environment, [[/Continue\?/, '\x03']]), {
    status: 130, out: /"TELCO_NUMBERS_INTERRUPTED"/, err: /interrupted: nothing was changed\n$/
  })
  t.strictSame(await sql('select from loads'), [])
  t.match(await runAnswering(WORDS, environment, [[/Continue\?/, ' YES \r']]), { status: 0 })
})

t.test('without a terminal it needs --yes', async t => {
  const { environment, sql } = await demo(t)
  t.match(await run(WORDS, environment, 'y\n'), { status: 2, out: '', err: /give --yes to run it without a question/ })
  t.strictSame(await sql('select from loads'), [])
  t.strictSame(await run([...WORDS, '--yes'], environment), {
    status: 0, out: 'Load 1: 1000 numbers added. To undo it: fastify-telco-numbers undo 1', err: ''
  })
  const one = ['create', '--start', '8', '--class', '2', '--ingroup', '1', '--customer', '3', '--charge-customer', '--yes', '--json']
  const { out, err } = await run(one, environment)
  t.equal(err, '')
  t.strictSame(JSON.parse(out), {
    id: '2', count: 1, charges: [
      { customer: 3, customerName: 'Customer', quantity: 1, unitPrice: '15.00', amount: '15.00' },
      { customer: 2, customerName: 'Reseller', quantity: 1, unitPrice: '10.00', amount: '10.00' }
    ]
  })
})

t.test('with --validation it adds nothing and does not ask', async t => {
  const { environment, sql } = await demo(t)
  t.strictSame(await run([...CHARGED, '--validation'], environment), {
    status: 0,
    out: 'The input passed validation; nothing was added.\n' +
      'customer 3 (Customer) would pay 1000 x 15.00 = 15000.00\ncustomer 2 (Reseller) would pay 1000 x 10.00 = 10000.00',
    err: ''
  })
  t.strictSame(await sql('select from loads'), [])
})

t.test('options have the names and the rules of the parameters of the endpoint', async t => {
  const { environment, sql } = await demo(t)
  const words = ['create', '--start=0099', '--class=1', '--ingroup=2', '--customer=3', '--charge_customer', '--stype=callerid', '--yes']
  t.match(await run(words, environment), { status: 0 })
  t.match(await sql('select number, class, ingroup, customer, stype from numbers'), [
    { number: '0099', class: 1, ingroup: 2, customer: 3, stype: 'callerid' }
  ])
  t.match(await sql('select charged from loads'), [{ charged: '2.50' }])

  const wrong = ['create', '--start', '12-3', '--class', '9', '--ingroup', '1e0', '--charge-customer']
  const issues = 'fastify-telco-numbers: start must be 1 to 32 digits, digits only: no +, spaces or dashes\n' +
    'fastify-telco-numbers: class 9 does not exist; existing: 1 (Normal), 2 (Gold), 3 (Reserved)\n' +
    'fastify-telco-numbers: ingroup must be a whole number from 0 to 2147483647, digits only\n' +
    'fastify-telco-numbers: --charge_customer needs a customer to charge: give customer, or no --charge_customer'
  t.strictSame(await run([...wrong, '--yes'], environment), { status: 1, out: '', err: issues })
  t.match(await runAnswering(wrong, environment, []), { status: 1, err: `${issues}\n` }, 'without a question')
  t.match(await run(['create', '--end', '5', '--yes'], environment), {
    status: 2, err: 'missing --start, --class, --ingroup; fastify-telco-numbers create --help lists the options'
  })
  t.match(await runAnswering([...WORDS, '--alias', '5', '--json'], { ...environment, MAX_RANGE: '999' }, []), {
    status: 1, out: /"key": "end"/
  })
})

t.test('conflicts are reported before the confirmation', async t => {
  const { environment } = await demo(t)
  t.match(await run([...WORDS, '--yes'], environment), { status: 0 })
  t.match(await runAnswering(WORDS, environment, []), { status: 1, err: /^.*1000 of the 1000 numbers already exist: [^\n]*\n$/ })
})

t.test('while a long load runs, the terminal shows the elapsed time', async t => {
  const { environment, database } = await demo(t)
  const held = await holdLoads(t, database)
  const terminal = testTerminal({ isTTY: true })
  const ended = runAt(terminal, [...WORDS, '--yes'], environment)
  await until(() => /Adding the numbers: \d+ s/.test(terminal.err()))
  await held.letGo()
  t.match(await ended, { status: 0, out: /^Load 1: 1000 numbers added/ })
})

t.test('a signal cancels the load and leaves nothing of it', async t => {
  const { environment, database, sql } = await demo(t)
  const held = await holdLoads(t, database)
  for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
    const terminal = testTerminal({ isTTY: true })
    // A connection string can also have an application name.
    const url = new URL(DATABASE_URL)
    url.searchParams.set('application_name', 'mine')
    const ended = runAt(terminal, [...CHARGED, '--yes', '--json'], { ...environment, DATABASE_URL: url.href })
    await held.isHeld()
    terminal.signals.emit(signal)
    const { err, out, ...rest } = await ended
    t.equal(rest.status, status)
    t.match(err, /^fastify-telco-numbers: cancelling; .*\nfastify-telco-numbers: interrupted: nothing was changed\n$/,
      'and no progress, with --json')
    t.match(JSON.parse(out), { error: { code: 'TELCO_NUMBERS_INTERRUPTED' } })
  }
  await held.letGo()
  for (const table of ['loads', 'numbers', 'transactions', 'customers where balance <> 0']) {
    t.strictSame(await sql(`select from ${table}`), [], table)
  }
  t.match(await run([...CHARGED, '--yes'], environment), { status: 0 })
})
