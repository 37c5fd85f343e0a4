import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t from 'tap'
import { DATABASE_URL, demoHost, emptySchema } from '../support/host.js'
import { run, runAt, testTerminal } from '../support/command-line.js'

const LOAD = { start: '7000000000', end: '7000000999', class: 2, ingroup: 1, customer: 3, charge_customer: true }

t.test('an operator lists, shows and undoes loads', async t => {
  const { app, schema, sql } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema, USER: 'operator' }
  t.strictSame(await run(['loads'], environment), { status: 0, out: 'There are no loads.', err: '' })

  await app.telcoNumbers.create(LOAD, { person: 'user', source: '192.0.2.1' })
  await app.telcoNumbers.create({ ...LOAD, start: '8', end: '', alias: '5', customer: 0, region: 1, charge_customer: false })
  const listed = await run(['loads'], environment)
  t.equal(listed.out.split('\n').length, 2)
  t.match(listed.out, 'load 2')
  t.match(listed.out, '8, aliases from 5, class 2, ingroup 1, region 1, number')
  t.match((await run(['loads', '--limit', '1'], environment)).out, /^load 2[^\n]*\nThere are more loads: add --before 2$/)
  t.match((await run(['loads', '--before', '2'], environment)).out, /^load 1[^\n]*$/)

  const shown = await run(['show', '1'], environment)
  t.match(shown.out, '7000000000 to 7000000999 (1000), class 2, ingroup 1, customer 3, number, charged 25000.00, ' +
  'by user, from 192.0.2.1')
  t.match(shown.out, 'customer 3 (Customer): 1000 x 15.00 = -15000.00, balance after -15000.00, Signup of')

  t.strictSame(await run(['undo', '1', '--dry-run'], environment), {
    status: 0,
    out: 'load 1: 1000 numbers would be deleted\n' +
      'customer 3 (Customer) would get back 15000.00\ncustomer 2 (Reseller) would get back 10000.00',
    err: ''
  })
  t.match((await run(['undo', '1', '--yes'], environment)).out, 'load 1: 1000 numbers deleted\ncustomer 3 (Customer) gets back 15000.00')
  t.match((await run(['show', '1'], environment)).out, 'by operator')
  t.strictSame(await sql('select number from numbers'), [{ number: '8' }])

  await sql('update loads set undone_by = null where id = 1')
  t.match((await run(['show', '1'], environment)).out, /, undone \S+Z\n/)
})

t.test('an operator finds the change that a person made, and the former state of the numbers', async t => {
  const { app: { telcoNumbers }, schema } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  t.equal((await run(['changes'], environment)).out, 'There are no changes.')
  await telcoNumbers.create({ ...LOAD, alias: '+5000' })
  const ann = { person: 'ann', source: '192.0.2.1' }
  await telcoNumbers.update({ number: '7000000100', end: '7000000149', class: 1, customer: 0, alias: '+9000' }, ann)
  await telcoNumbers.update({ number: '7000000120', class: 2 }, ann)
  await telcoNumbers.delete({ number: '7000000100', end: '7000000149', refund: true }, { person: 'bob' })
  await telcoNumbers.undo('4', { person: 'bob' })
  const listed = await run(['changes', '--person', 'ann', '--number', '7000000149', '--limit', '1'], environment)
  t.equal(listed.out.replace(/ [^ ]*Z/, ''),
    'update 2,, 7000000100 to 7000000149 (50), aliases from +9000, class 1, customer none, by ann, from 192.0.2.1')
  t.match((await run(['changes', '--customer', '3'], environment)).out, /^update 2,[^\n]*$/, 'the customer that had the numbers')
  t.match((await run(['changes', '--day', new Date().toISOString().slice(0, 10), '--limit', '2'], environment)).out.split('\n'), [
    /^delete 4, .* \(50\), by bob, undone .* by bob$/, /^update 3, .*, 7000000120, class 2, by ann/, 'There are more changes: add --before 3'
  ])
  t.strictSame(JSON.parse((await run(['changes', '--before', '2', '--json'], environment)).out), [])
  const shown = (await run(['show', '4'], environment)).out.split('\n')
  t.equal(shown[1], '  the numbers were:')
  t.equal(shown[3], '  7000000120, aliases from +9020, class 2, ingroup 1, number')
  t.match(shown.at(-1), /^ {2}customer 3 \(Customer\): 50 x 15.00 = -750.00, .*Reversal of change 4/)
  t.match(JSON.parse((await run(['show', '4', '--json'], environment)).out), { kind: 'delete', runs: [{ load: '1', count: 20 }, {}, {}] })
  t.match(await run(['show', '5'], environment), { status: 1, err: 'load or change 5 not found' })
  t.match(await run(['changes', '--customer', 'x'], environment), { status: 2, err: '--customer must be a whole number' })
})

t.test('an undone delete is paid for again', async t => {
  const { app, schema } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  await app.telcoNumbers.create(LOAD)
  const { id } = await app.telcoNumbers.delete({ number: '7000000000', end: '7000000999', refund: true })
  const pays = 'customer 3 (Customer) would pay 15000.00'
  t.match((await run(['undo', String(id), '--dry-run'], environment)).out, pays)
  t.match((await run(['undo', String(id), '--yes'], environment)).out, 'customer 3 (Customer) pays 15000.00')
})

/** A standard output that cannot be written to. */
function closedOutput (code: string): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => { done(Object.assign(new Error(`write ${code}`), { code })) } }).on('error', () => {})
}

t.test('the result of work that cannot be written to standard output is on standard error', async t => {
  const { schema } = await demoHost(t)
  for (const [place, code] of ['EPIPE', 'ENOSPC'].entries()) {
    const words = ['create', '--start', String(place), '--class', '1', '--ingroup', '1', '--yes']
    t.match(await runAt({ ...testTerminal(), stdout: closedOutput(code) }, words, { DATABASE_URL, SCHEMA: schema }), {
      status: 3, err: new RegExp(`: Load ${place + 1}: 1 number added.*\\n.*: done, but the result cannot be written to standard output: write ${code}`)
    })
  }
})

t.test('a result that can be printed again ends quietly if its reader has closed the pipe, as head does', async t => {
  const { app, schema } = await demoHost(t)
  await app.telcoNumbers.create(LOAD)
  for (const line of [
    'list', 'list --json', 'list --count', 'loads', 'show 1', 'classes', 'undo 1 --dry-run', 'migrate --dry-run', 'sql partition-numbers',
    '--help', '--version', 'get --help'
  ]) {
    const ran = async (code: string) => await runAt({ ...testTerminal(), stdout: closedOutput(code) }, line.split(' '), { DATABASE_URL, SCHEMA: schema })
    t.match(await ran('EPIPE'), { status: 141, err: /^$/ }, line)
    t.match(await ran('ENOSPC'), { status: 3, err: /^[^\n]*: done, but the result cannot be written to standard output: write ENOSPC\n$/ }, line)
  }
})

t.test('a quote prints what a load would charge', async t => {
  const { schema } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  const words = ['quote', '--start', '7000000000', '--end', '7000000999', '--class', '2', '--ingroup', '1', '--customer', '3']
  t.equal((await run(words, environment)).out,
    'customer 3 (Customer) would pay 1000 x 15.00 = 15000.00\ncustomer 2 (Reseller) would pay 1000 x 10.00 = 10000.00')
  t.match(JSON.parse((await run([...words, '--json'], environment)).out), [{ customer: 3, amount: '15000.00' }, {}])
  const wrong = ['quote', '--start', '12-3', '--class', 'x', '--ingroup', '1', '--customer', '3']
  t.strictSame(await run(wrong, environment), {
    status: 1,
    out: '',
    err: 'fastify-telco-numbers: start must be 1 to 32 digits, digits only: no +, spaces or dashes\n' +
      'fastify-telco-numbers: class must be a whole number from 0 to 2147483647, digits only'
  })
})

t.test('errors are also printed as JSON', async t => {
  const { app, schema, sql } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  await app.telcoNumbers.create(LOAD)
  await sql(`update numbers set class = 1 where number = '7000000001'`)
  const refused = await run(['undo', '1', '--json', '--yes'], environment)
  t.equal(refused.status, 1)
  t.match(JSON.parse(refused.out), {
    error: { code: 'TELCO_NUMBERS_UNDO_REFUSED', changes: [{ first: '7000000001', reason: 'changed' }] }
  })
  t.match(JSON.parse((await run(['quote', '--start=', '--class=9', '--ingroup=9', '--customer=0', '--json'], environment)).out), {
    error: { code: 'TELCO_NUMBERS_USAGE' }
  })
  t.match(JSON.parse((await run(['quote', '--start=x', '--class=9', '--ingroup=9', '--customer=0', '--json'], environment)).out), {
    error: { code: 'TELCO_NUMBERS_INVALID_PARAMETERS', issues: [{ key: 'start' }, { key: 'class' }, { key: 'ingroup' }, {}] }
  })
})

t.test('migrate updates the tables, which every other command needs', async t => {
  const { schema } = await emptySchema(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  t.match(await run(['loads'], environment), { status: 1, err: 'is at version 0' })
  t.match((await run(['migrate'], environment)).out, `Applied 001-schema.sql to schema ${schema}.`)
  t.equal((await run(['migrate'], environment)).out, `Schema ${schema} is up to date.`)
})

t.test('a misspelt schema is not created', async t => {
  const { schema } = await demoHost(t)
  const { status, err } = await run(['loads'], { DATABASE_URL, SCHEMA: `${schema}x` })
  t.equal(status, 1)
  t.match(err, /is its name right\? The tables are in "test_[^]* as well\. If it is, /)
})

t.test('the person of a change is that of --as, or of the variables of a shell or of cron', async t => {
  const { schema, sql } = await demoHost(t)
  const words = ['create', '--class', '1', '--ingroup', '1', '--yes', '--start']
  for (const [start, given, environment] of [
    ['1', ['--as', 'ann'], { USER: 'root' }], ['2', [], { USER: 'root' }],
    ['3', ['--as='], { USER: '', LOGNAME: 'cron' }], ['4', [], {}]
  ] as const) {
    t.equal((await run([...words, start, ...given], { DATABASE_URL, SCHEMA: schema, ...environment })).status, 0)
  }
  const recorded = await sql<{ person: string }>('select person from loads order by id')
  t.strictSame(recorded.map(({ person }) => person), ['ann', 'root', 'cron', null])
  t.equal((await run(['undo', '1', '--as', 'bob', '--yes'], { DATABASE_URL, SCHEMA: schema })).status, 0)
  t.match(await sql('select undone_by from loads where id = 1'), [{ undone_by: 'bob' }])
  t.match(await run(['loads', '--as', 'ann'], {}), { status: 2, err: 'unknown option --as; ' })
})

t.test('a command that lacks a right says which role has it', async t => {
  const { schema, sql } = await demoHost(t)
  const [server, operator] = [`${schema}_server`, `${schema}_operator`]
  await sql(`create role ${server}; create role ${operator}`)
  t.teardown(() => sql(`drop owned by ${server}, ${operator}; drop role ${server}, ${operator}`))
  t.equal((await run(['grants', '--server', server, '--operator', operator], { DATABASE_URL, SCHEMA: schema })).status, 0)
  const as = (role: string): NodeJS.ProcessEnv => {
    const url = new URL(DATABASE_URL)
    url.searchParams.set('options', `-c role=${role}`)
    return { DATABASE_URL: url.href, SCHEMA: schema }
  }
  const load = ['create', '--start', '1', '--class', '1', '--ingroup', '1', '--yes']
  t.match(await run(load, as(operator)), { status: 1, err: /denied .* the rights of the role of grants --server$/ })
  t.match(await run(['person', 'list'], as(server)), { status: 1, err: /: this command needs the rights of the owner of the tables$/ })
  t.equal((await run(load, as(server))).status, 0)
  t.equal((await run(['undo', '1', '--yes'], as(operator))).status, 0)
  await sql(`revoke select on loads from ${operator}`)
  t.match(await run(['loads'], as(operator)), { status: 1, err: /of the role of grants --operator$/ })
})

t.test('wrong usage and failure have different exit statuses', async t => {
  const { schema } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  t.match(await run(['loads', '--limit', 'x'], environment), { status: 2, err: '--limit must be a whole number' })
  for (const limit of ['0', '1000001', '9'.repeat(19)]) {
    t.match(await run(['loads', '--limit', limit], environment), { status: 2, err: '--limit must be a whole number from 1 to 1000000' })
  }
  t.match(await run(['loads'], { DATABASE_URL: 'nonsense' }), { status: 1, err: 'DATABASE_URL' })
  t.match(JSON.parse((await run(['loads', '--json'], { DATABASE_URL: 'nonsense' })).out), { error: { code: 'TELCO_NUMBERS_CONFIGURATION' } })
  t.match(await run(['loads'], { DATABASE_URL: 'postgres://127.0.0.1:1/x' }), { status: 1, err: 'the database cannot be reached' })
})

t.test('without DATABASE_URL, the embedded PostgreSQL of the folder is used', async t => {
  const { schema } = await demoHost(t)
  const directory = t.testdir({})
  t.match(await run(['loads'], { DATA_DIR: directory, SCHEMA: schema }), { status: 2, err: /no embedded PostgreSQL is running in .*: set DATABASE_URL/ })
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'database-url'), DATABASE_URL)
  t.equal((await run(['loads'], { DATA_DIR: directory, SCHEMA: schema })).status, 0)
})
