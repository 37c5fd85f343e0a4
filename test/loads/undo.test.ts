import t from 'tap'
import { RecordUndoneError, UndoRefusedError, RecordNotFoundError } from '../../lib/index.js'
import { run } from '../support/command-line.js'
import { DATABASE_URL, demoHost, type TestHost } from '../support/host.js'
import { openSession } from '../support/session.js'

const PARAMETERS = {
  start: '0390000000', end: '0390000999', class: 2, ingroup: 1, alias: '+0009000', customer: 3, region: 1, charge_customer: true
}

async function createLoad ({ app }: TestHost, parameters = {}): Promise<string> {
  const { id } = await app.telcoNumbers.create({ ...PARAMETERS, ...parameters })
  return id ?? ''
}

async function stateOf ({ sql }: TestHost): Promise<unknown> {
  return {
    numbers: await sql('select count(*), sum(hashtext(numbers::text)) from numbers'),
    transactions: await sql('select count(*), sum(amount) from transactions'),
    balances: await sql('select id, balance from customers order by id'),
    undone: await sql('select id from loads where undone_at is not null')
  }
}

t.test('deletes the numbers and reverses the charges', async t => {
  const host = await demoHost(t)
  const kept = await createLoad(host, { start: '0380000000', end: '', alias: '' })
  const load = await createLoad(host)
  t.strictSame(await host.app.telcoNumbers.undo(load, { person: 'operator' }), {
    id: load,
    kind: 'load',
    dryRun: false,
    count: 1000,
    reversals: [
      { customer: 3, customerName: 'Customer', amount: '15000.00' }, { customer: 2, customerName: 'Reseller', amount: '10000.00' }
    ],
    with: []
  })
  t.strictSame(await host.sql('select number, load from numbers'), [{ number: '0380000000', load: kept }])
  t.strictSame(await host.sql('select balance from customers where id in (2, 3) order by id'), [
    { balance: '-10.00' }, { balance: '-15.00' }
  ])
  t.strictSame(await host.sql('select customer, quantity, amount, balance_after, text from transactions order by id offset 4'), [
    {
      customer: 2, quantity: -1000, amount: '10000.00', balance_after: '-10.00',
      text: `Reversal of load ${load}: Signup of 1000 numbers 0390000000 to 0390000999, class Gold`
    },
    {
      customer: 3, quantity: -1000, amount: '15000.00', balance_after: '-15.00',
      text: `Reversal of load ${load}: Signup of 1000 numbers 0390000000 to 0390000999, class Gold`
    }
  ])
  t.match(await host.sql('select undone_by, undone_at is not null as undone from loads where id = $1', [load]), [
    { undone_by: 'operator', undone: true }
  ])
  t.ok((await createLoad(host)) > load, 'the numbers can be loaded again')
})

t.test('returns the same for a dry run, and changes nothing', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host)
  const before = await stateOf(host)
  const planned = await host.app.telcoNumbers.undo(load, { dryRun: true })
  t.match(planned, { dryRun: true, count: 1000, reversals: [{ amount: '15000.00' }, { amount: '10000.00' }] })
  t.strictSame(await stateOf(host), before)
})

t.test('refuses to undo a load if any column of its numbers has changed', async t => {
  const host = await demoHost(t)
  for (const [column, change] of [
    ['class', 'class = 1'], ['ingroup', 'ingroup = 2'], ['customer', 'customer = null'], ['region', 'region = 2'],
    ['alias', `alias = '5'`], ['alias', 'alias = null'], ['stype', `stype = 'callerid'`]
  ] as const) {
    await host.sql('delete from numbers')
    const load = await createLoad(host)
    await host.sql(`update numbers set ${change} where number = '0390000007'`)
    const before = await stateOf(host)
    for (const dryRun of [true, false]) {
      const error: unknown = await host.app.telcoNumbers.undo(load, { dryRun }).catch((error: unknown) => error)
      t.ok(error instanceof UndoRefusedError, `${column} changed`)
      t.match(error, {
        code: 'TELCO_NUMBERS_UNDO_REFUSED',
        statusCode: 409,
        changes: [{ first: '0390000007', last: '0390000007', count: 1, reason: 'changed', differs: [column] }],
        message: `cannot undo load ${load}: its numbers have changed since: 0390000007 changed (${column})`
      })
    }
    t.strictSame(await stateOf(host), before)
  }
})

t.test('reports numbers that are gone or belong to another load as ranges', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host, { alias: '' })
  await host.sql(`delete from numbers where number in ('0390000000', '0390000001', '0390000500')`)
  await createLoad(host, { start: '0390000500', end: '', alias: '' })
  await host.sql(`update numbers set class = 1 where number between '0390000990' and '0390000999'`)
  const error: unknown = await host.app.telcoNumbers.undo(load).catch((error: unknown) => error)
  t.match(error, {
    changes: [
      { first: '0390000000', last: '0390000001', count: 2, reason: 'gone' },
      { first: '0390000500', last: '0390000500', count: 1, reason: 'gone' },
      { first: '0390000990', last: '0390000999', count: 10, reason: 'changed' }
    ]
  })
})

t.test('undoes a load whose digits carry over', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host, { start: '19999990', end: '20000009', alias: '095' })
  t.match(await host.app.telcoNumbers.undo(load), { count: 20 })
})

t.test('undoes a load of numbers that are too long for a bigint', async t => {
  const host = await demoHost(t)
  const request = { start: '09999999999999995000', end: '10000000000000014999', alias: '99999999999999900000' }
  const load = await createLoad(host, request)
  await host.sql('update numbers set alias = $1 where number = $2', ['5', '10000000000000000000'])
  await t.rejects(host.app.telcoNumbers.undo(load), { code: 'TELCO_NUMBERS_UNDO_REFUSED', changes: [{ first: '10000000000000000000', count: 1 }] })
  await host.sql('delete from numbers where alias = $1', ['5'])
  await host.sql(`insert into numbers select '10000000000000000000', '99999999999999905000', class, ingroup, customer, region,
    stype, load from numbers limit 1`)
  t.match(await host.app.telcoNumbers.undo(load), { count: 20_000 })
})

t.test('reports a number as gone if its text is no longer a number', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host, { end: '0390019999' })
  await host.sql('alter table numbers disable trigger numbers_digits_updated')
  await host.sql(`update numbers set number = '03900000/7' where number = '0390000007'`)
  await t.rejects(host.app.telcoNumbers.undo(load), { code: 'TELCO_NUMBERS_UNDO_REFUSED', changes: [{ first: '0390000007', count: 1, reason: 'gone' }] })
  t.strictSame(await host.sql('select count(*)::integer from numbers'), [{ count: 20_000 }])
})

t.test('undoes a load only once', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host)
  const results = await Promise.allSettled([1, 2, 3].map(() => host.app.telcoNumbers.undo(load)))
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  await t.rejects(host.app.telcoNumbers.undo(load), RecordUndoneError)
  t.strictSame(await host.sql('select balance from customers where balance <> 0'), [])
})

t.test('rejects a load that does not exist', async t => {
  const { app } = await demoHost(t)
  for (const load of ['1', '-1', 'x', '', '99999999999999999999']) {
    await t.rejects(app.telcoNumbers.undo(load), RecordNotFoundError)
  }
})

t.test('waits for a concurrent change of a number, and refuses when it commits', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host)
  const other = await openSession(t, host)
  await other.query(`begin; update numbers set class = 1 where number = '0390000999'`)
  const refused = host.app.telcoNumbers.undo(load)
  await other.waitedFor()
  await other.query('commit')
  await t.rejects(refused, { code: 'TELCO_NUMBERS_UNDO_REFUSED' })
  t.match(await host.sql('select count(*)::integer from numbers'), [{ count: 1000 }])
})

t.test('does not report a load as undone if a trigger keeps one of its numbers', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host)
  await host.sql(`create function keep() returns trigger language plpgsql as 'begin return null; end';
    create trigger keep before delete on numbers for each row when (old.number = '0390000500') execute function keep()`)
  const before = await stateOf(host)
  await t.rejects(host.app.telcoNumbers.undo(load), { code: 'TELCO_NUMBERS_DATABASE_BUSY' })
  t.strictSame(await stateOf(host), before)
})

t.test('refuses to undo a load if rows of other tables refer to its numbers', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host)
  await host.sql(`create table provisioned (number text references numbers); insert into provisioned values ('0390000001')`)
  await t.rejects(host.app.telcoNumbers.undo(load), { code: 'TELCO_NUMBERS_LOAD_REFERENCED', statusCode: 409 })
})

t.test('undoes a long load like a short one', async t => {
  const host = await demoHost(t)
  const long = { start: '1000000', end: '1029999', alias: '0050000' }
  const load = await createLoad(host, long)
  await host.sql(`update numbers set alias = '7' where number = '1020000'`)
  await t.rejects(host.app.telcoNumbers.undo(load), { code: 'TELCO_NUMBERS_UNDO_REFUSED' })
  await host.sql(`update numbers set alias = '0070000' where number = '1020000'`)
  t.match(await host.app.telcoNumbers.undo(load), { count: 30_000 })
})

t.test('notices in a long load that an alias is another text of the same bigint', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host, { start: '1010000', end: '1020000', alias: '1000010000' })
  await host.sql('alter table numbers disable trigger numbers_digits_updated')
  for (const alias of ['0x3b9b18a0', '+1000020000', '01000020000', '', null]) {
    await host.sql(`update numbers set alias = $1 where number = '1020000'`, [alias])
    await t.rejects(host.app.telcoNumbers.undo(load), {
      code: 'TELCO_NUMBERS_UNDO_REFUSED', changes: [{ first: '1020000', last: '1020000', count: 1, reason: 'changed' }]
    }, `alias ${String(alias)}`)
  }
  await host.sql(`update numbers set alias = '1000020000' where number = '1020000'`)
  t.match(await host.app.telcoNumbers.undo(load), { count: 10_001 })
})

t.test('undoes a long load whatever its aliases begin with, and however long they are', async t => {
  const host = await demoHost(t)
  for (const [start, end, alias] of [
    ['1000000', '1010999', '08900000'], ['1000000', '1010999', '+80000'], ['1000000', '1010999', '100000000000000000'],
    ['1000000', '1010999', '1000000000000000000'], ['0001000000', '0001010999', '9999989000'],
    ['1000000000000000000', '1000000000000010999', '20000']
  ] as const) {
    const load = await createLoad(host, { start, end, alias })
    t.match(await host.app.telcoNumbers.undo(load), { count: 11_000 }, `${start} with aliases from ${alias}`)
  }
})

t.test('refuses an update of a number or an alias to text other than digits', async t => {
  const { app, sql } = await demoHost(t)
  await app.telcoNumbers.create({ start: '2125550042', alias: '+1', class: 1, ingroup: 1 })
  for (const change of [`number = '2125550O42'`, `number = '0x2710'`, `number = ''`, `alias = '01_000'`, `alias = ''`, `alias = '٣'`]) {
    await t.rejects(sql(`update numbers set ${change}`), { code: '23514', constraint: 'numbers_digits_check' }, change)
  }
  await t.resolves(sql(`update numbers set number = '7', alias = null`))
})

t.test('refuses to undo a load, even in a dry run, if a number has become another text between its numbers', async t => {
  for (const [start, end, number, text] of [
    ['2125550000', '2125560000', '2125550042', '2125550O42'],
    ['2125550000', '2125560000', '2125550042', '212555004 '],
    ['10000', '30000', '10100', '1_010'],
    ['0000000001', '0000010001', '0000000012', '0_00000012'],
    ['0000000001', '0000010001', '0000000012', '000000012 '],
    ['19999995000', '20000005001', '19999999001', '1:000000001'],
    ['1000000000000000000', '1000000000000010000', '1000000000000000042', '10000000000000000O2']
  ] as const) {
    await t.test(`${number} becomes ${text}`, async t => {
      const host = await demoHost(t)
      const load = await createLoad(host, { start, end, alias: '' })
      await host.sql('alter table numbers disable trigger numbers_digits_updated')
      await host.sql('update numbers set number = $1 where number = $2', [text, number])
      for (const dryRun of [true, false]) {
        await t.rejects(host.app.telcoNumbers.undo(load, { dryRun }), {
          code: 'TELCO_NUMBERS_UNDO_REFUSED', changes: [{ first: number, last: number, reason: 'gone' }]
        })
      }
    })
  }
})

t.test('compares the columns of a load that a restore has rewritten', async t => {
  for (const [start, end] of [['100', '199'], ['1000000', '1019999']] as const) {
    const host = await demoHost(t)
    const load = await createLoad(host, { start, end })
    // In one transaction, as by pg_restore --single-transaction.
    const restore = async (change: string) => {
      await host.pool.query(`begin; update ${host.schema}.loads set person = person; update ${host.schema}.numbers set ${change}; commit`)
    }
    await restore(`region = case when number = '${start}' then null else region end`)
    for (const dryRun of [true, false]) {
      await t.rejects(host.app.telcoNumbers.undo(load, { dryRun }), {
        code: 'TELCO_NUMBERS_UNDO_REFUSED', changes: [{ first: start, last: start, reason: 'changed' }]
      })
    }
    await restore('region = 1')
    t.match(await host.app.telcoNumbers.undo(load), { count: Number(end) - Number(start) + 1 })
  }
})

t.test('reverses each of several transactions of one customer', async t => {
  const host = await demoHost(t)
  const { sql, app } = host
  const { id } = await app.telcoNumbers.create({ start: '100', end: '109', class: 1, ingroup: 1, customer: 3, charge_customer: true })
  const load = String(id)
  await sql(`with corrected as (update customers set balance = balance - 2.50 where id = 3 returning balance)
    insert into transactions (customer, load, text, quantity, unit_price, amount, balance_after)
    select 3, $1, 'Correction', 1, 2.50, -2.50, balance from corrected`, [load])
  const { reversals } = await app.telcoNumbers.undo(load, { dryRun: true })
  t.strictSame(reversals.map(({ customer, amount }) => [customer, amount]), [[3, '2.50'], [3, '15.00'], [2, '10.00']])
  t.strictSame((await app.telcoNumbers.undo(load)).reversals, reversals)
  t.strictSame(await sql('select id from customers where balance <> 0'), [])
  t.strictSame(await sql('select amount, balance_after from transactions where customer = 3 order by id'), [
    { amount: '-15.00', balance_after: '-15.00' }, { amount: '-2.50', balance_after: '-17.50' },
    { amount: '15.00', balance_after: '-2.50' }, { amount: '2.50', balance_after: '0.00' }
  ])
})

t.test('undoes a load only if it has the given time, because another one may have its identifier after a failover', async t => {
  const host = await demoHost(t)
  const load = await createLoad(host)
  const { createdAt } = await host.app.telcoNumbers.getLoad(load)
  await t.rejects(host.app.telcoNumbers.undo(load, { createdAt: new Date(createdAt.getTime() - 1) }), RecordNotFoundError)
  const environment = { DATABASE_URL, SCHEMA: host.schema }
  t.match(await run(['undo', load, '--yes', '--created-at', '2000-01-01'], environment), { status: 1, err: `load or change ${load} not found` })
  t.match(await run(['undo', load, '--created-at', 'yesterday'], environment), { status: 2, err: /must be a time/ })
  t.match(await run(['undo', load, '--dry-run', '--created-at', createdAt.toISOString()], environment), { status: 0 })
  t.match(await host.app.telcoNumbers.undo(load, { createdAt }), { count: 1000 })
})
