import t from 'tap'
import { run, runAnswering } from '../../support/command-line.js'
import { DATABASE_URL, demoHost } from '../../support/host.js'

t.jobs = 2

const NUMBERS = { start: '100', end: '199', class: 1, ingroup: 2 }

t.test('shows at a terminal what it would undo, and asks', async t => {
  const { app, schema, sql } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  await app.telcoNumbers.create({ ...NUMBERS, customer: 3, charge_customer: true })
  t.match(await run(['undo', '1'], environment), { status: 2, err: /give --yes to run it without a question/ })
  const refused = await runAnswering(['undo', '1'], environment, [[/Continue\?/, 'n\r']])
  t.match(refused, { status: 1, out: '', err: /not confirmed: nothing was changed/ })
  t.match(refused.err, `load 1: 100 numbers would be deleted
  customer 3 (Customer) would get back 150.00
  customer 2 (Reseller) would get back 100.00\n`)
  t.strictSame(await sql('select count(*)::integer from numbers'), [{ count: 100 }])
  t.match(await runAnswering(['undo', '1'], environment, [[/Continue\?/, 'y\r']]), { status: 0, out: /^load 1: 100 numbers deleted\n/ })
  t.strictSame(await sql('select from numbers'), [])
})

t.test('prints the command that also undoes what prevents an undo', async t => {
  const { app: { telcoNumbers }, schema, sql } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  await telcoNumbers.create(NUMBERS)
  await telcoNumbers.update({ number: '100', class: 2 })
  await telcoNumbers.update({ number: '199', class: 2 })
  const copied = (words: string): string[] => ['undo', ...words.split(' ')]
  t.match(await run(copied('1 --with 2 --yes'), environment), { status: 1, err: /to undo them together: fastify-telco-numbers undo 1 --with 2,3\n/ })
  t.match(await run(copied('1 --dry-run'), { ...environment, npm_command: 'exec' }), {
    status: 1, err: /to undo them together: npx fastify-telco-numbers undo 1 --with 3,2\n/
  })
  t.match(await run(copied('1 --with 3,2 --yes'), environment), { status: 0 })
  t.strictSame(await sql('select from numbers'), [])
})
