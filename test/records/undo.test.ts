import t from 'tap'
import { UndoRefusedError } from '../../lib/index.js'
import { numbersHost, rowOf } from '../support/changes.js'
import { demoHost, type TestHost } from '../support/host.js'
import { openSession } from '../support/session.js'

/** Returns all numbers, balances, and the sum of all transactions, as text. */
async function stateOf ({ sql }: TestHost): Promise<unknown> {
  return {
    numbers: await sql(`select string_agg(numbers::text, E'\\n' order by number) from numbers`),
    balances: await sql('select id, trim_scale(balance) as balance from customers order by id'),
    total: await sql('select trim_scale(coalesce(sum(amount), 0)) as total from transactions')
  }
}

async function refusalOf (undo: Promise<unknown>): Promise<UndoRefusedError> {
  const error: unknown = await undo.catch((error: unknown) => error)
  if (error instanceof UndoRefusedError) return error
  throw error
}

t.test('undoes an update, a deletion, a correction and their load, and restores every row', async t => {
  for (const together of [true, false]) {
    const host = await demoHost(t)
    const { undo, create, update, delete: remove } = callsOf(host)
    await create({ start: '7', class: 1, ingroup: 1, alias: '77' })
    const empty = await stateOf(host)
    await create({ start: '2125550000', end: '2125559999', class: 1, ingroup: 1, alias: '+10000', region: 1, customer: 2, charge_customer: true })
    const states = [await stateOf(host)]
    for (const change of [
      () => update({ number: '2125550100', end: '2125550149', customer: 3 }),
      () => remove({ number: '2125551000', end: '2125551099' }),
      () => update({ number: '2125550000', end: '2125550499', class: 2 })
    ]) {
      await change()
      states.push(await stateOf(host))
    }
    const refusal = await refusalOf(undo('2'))
    t.match(refusal, {
      changes: [
        { first: '2125550000', last: '2125550099', count: 100, reason: 'changed', differs: ['class'] },
        { first: '2125550100', last: '2125550149', count: 50, reason: 'changed', differs: ['class', 'customer'] },
        { first: '2125550150', last: '2125550499', count: 350, reason: 'changed', differs: ['class'] },
        { first: '2125551000', last: '2125551099', count: 100, reason: 'gone', differs: [] }
      ],
      changedBy: ['5', '4', '3']
    })
    t.match(refusal.message, /changed \(class, customer\), .* gone; changed by 5, 4, 3, which can be undone with it$/)
    if (together) {
      const options = { person: 'operator', with: refusal.changedBy }
      const planned = await undo('2', { ...options, dryRun: true })
      t.strictSame(await stateOf(host), states.at(-1), 'a dry run changes nothing')
      t.strictSame(await undo('2', options), { ...planned, dryRun: false })
      t.match(planned, {
        id: '2', kind: 'load', count: 10_000, reversals: [{ customer: 2, amount: '10000.00' }],
        with: [{ id: '5', kind: 'update', count: 500 }, { id: '4', kind: 'delete', count: 100 }, { id: '3', kind: 'update', count: 50 }]
      })
    } else {
      for (const [place, id] of ['5', '4', '3'].entries()) {
        await undo(id)
        t.strictSame(await stateOf(host), states.at(-2 - place), `undone ${id}`)
      }
      await undo('2')
    }
    t.strictSame(await stateOf(host), empty)
  }
})

t.test('undoes an earlier change without the later ones, if they concern other numbers or columns', async t => {
  const host = await numbersHost(t)
  const { undo, update, delete: remove } = callsOf(host)
  await update({ number: '2125550000', end: '2125550009', class: 2 })
  await update({ number: '2125550005', end: '2125550014', region: 2 })
  await remove({ number: '2125550100' })
  t.match(await refusalOf(undo('2')), {
    changes: [{ first: '2125550005', last: '2125550009', reason: 'changed', differs: ['region'] }], changedBy: ['3'],
    message: 'cannot undo update 2: its numbers have changed since: 2125550005 to 2125550009 changed (region); changed by 3, which can be undone with it'
  })
  await remove({ number: '2125550014' })
  t.match(await refusalOf(undo('3')), { changes: [{ first: '2125550014', reason: 'gone', differs: [] }], changedBy: ['5'] })
  await undo('3', { with: ['5'] })
  await undo('2')
  t.match(await rowOf(host, '2125550007'), { class: 1, region: 1, alias: '+10007' })
  t.match(await host.sql('select id from changes where undone_at is null'), [{ id: '4' }])
})

t.test('names all later loads and changes that prevent an undo, including those that prevent the undo of another one', async t => {
  const { undo, create, update } = callsOf(await demoHost(t))
  await create({ start: '11', end: '20', class: 1, ingroup: 1 })
  await update({ number: '11', end: '20', customer: 3 })
  await update({ number: '11', end: '15', customer: 0 })
  t.match(await refusalOf(undo('1')), { changes: [{ first: '16', last: '20', differs: ['customer'] }], changedBy: ['3', '2'] })
  await undo('1', { with: ['3', '2'] })
})

t.test('names a later import whose numbers are in no order', async t => {
  const { undo, create, delete: remove, import: importNumbers } = callsOf(await demoHost(t))
  await create({ start: '11', end: '20', class: 1, ingroup: 1 })
  await remove({ number: '15' })
  await importNumbers('number\n30\n15\n21\n015', { class: 1, ingroup: 2 })
  await create({ start: '016', class: 1, ingroup: 1 })
  t.match(await refusalOf(undo('1')), { changes: [{ first: '15', reason: 'gone' }], changedBy: ['3', '2'] })
  await undo('1', { with: ['3', '2'] })
})

t.test('undoes updates of aliases, including aliases that move within their range', async t => {
  const host = await numbersHost(t)
  const { undo, update } = callsOf(host)
  const before = await stateOf(host)
  await update({ number: '2125559999', alias: '' })
  await update({ number: '2125550000', end: '2125559998', alias: '+10001', class: 2 })
  await update({ number: '2125550000', end: '2125559999', alias: '' })
  await update({ number: '2125550000', end: '2125550009', alias: '5', ingroup: 2 }).catch(() => {})
  await update({ number: '2125550000', end: '2125550009', alias: '50', ingroup: 2 })
  const ids = (await host.sql<{ id: string }>('select id from changes order by id desc')).map(({ id }) => id)
  for (const id of ids) await undo(id)
  t.strictSame(await stateOf(host), before)
})

t.test('refunds deleted numbers on request, and reverses the refund when the deletion is undone', async t => {
  const host = await demoHost(t)
  const { undo, create, delete: remove } = callsOf(host)
  await create({ start: '100', end: '199', class: 1, ingroup: 1, customer: 3, charge_customer: true })
  const loaded = await stateOf(host)
  t.match(await remove({ number: '190', end: '199' }), { refunds: [] })
  t.match(await remove({ number: '100', end: '109', refund: true }), {
    refunds: [{ customer: 3, amount: '15.00' }, { customer: 2, amount: '10.00' }]
  })
  t.match(await host.sql('select customer, change, quantity, amount, balance_after from transactions where change = 3 order by id'), [
    { customer: 2, quantity: -10, amount: '10.00', balance_after: '-90.00' }, { customer: 3, quantity: -10, amount: '15.00', balance_after: '-135.00' }
  ])
  t.match(await undo('3'), { reversals: [{ customer: 3, amount: '-15.00' }, { customer: 2, amount: '-10.00' }] })
  await undo('2')
  t.strictSame(await stateOf(host), loaded)
  t.match(await undo('1'), { reversals: [{ customer: 3, amount: '150.00' }, { customer: 2, amount: '100.00' }] })
  t.strictSame(await host.sql('select balance from customers where balance <> 0'), [])
})

t.test('refuses to restore numbers or aliases that exist again', async t => {
  const host = await numbersHost(t)
  const { undo, update, create, delete: remove } = callsOf(host)
  await remove({ number: '2125550000', end: '2125550099' })
  await create({ start: '2125550050', class: 1, ingroup: 1 })
  await create({ start: '9', alias: '+10010', class: 1, ingroup: 1 })
  t.match(await refusalOf(undo('2')), {
    changes: [
      { first: '2125550010', last: '2125550010', reason: 'exists', differs: ['alias'] }, { first: '2125550050', reason: 'exists', differs: [] }
    ],
    changedBy: ['3']
  })
  await update({ number: '2125550100', alias: '' })
  await create({ start: '8', alias: '+10100', class: 1, ingroup: 1 })
  t.match(await refusalOf(undo('5')), { changes: [{ first: '2125550100', reason: 'exists', differs: ['alias'] }], changedBy: [] })
  await undo('6')
  await undo('5')
  await undo('4', { with: ['3', '2'] })
  t.match(await host.sql('select count(*)::integer from numbers'), [{ count: 10_000 }])
})

t.test('refuses to restore numbers whose class no longer exists', async t => {
  const host = await numbersHost(t)
  const { undo, update, delete: remove } = callsOf(host)
  await host.sql(`insert into regions (id, name) values (9, 'Gone')`)
  await update({ number: '2125550000', region: 9 })
  await remove({ number: '2125550000' })
  await host.sql('delete from regions where id = 9')
  await t.rejects(undo('3'), {
    code: 'TELCO_NUMBERS_UNDO_REFERENCE', statusCode: 409, message: 'cannot undo delete 3: region 9 of numbers does not exist'
  })
})

t.test('reports a change that was undone, or that does not exist', async t => {
  const host = await numbersHost(t)
  const { undo, update } = callsOf(host)
  await update({ number: '2125550000', class: 2 })
  const results = await Promise.allSettled([1, 2, 3].map(() => undo('2', { person: 'operator' })))
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  await t.rejects(undo('02'), { code: 'TELCO_NUMBERS_RECORD_UNDONE', message: /^update 2 was undone at / })
  await t.rejects(undo('1', { with: ['3'] }), { code: 'TELCO_NUMBERS_RECORD_NOT_FOUND', message: 'load or change 3 not found' })
  await t.rejects(undo('1', { with: ['x'] }), { code: 'TELCO_NUMBERS_RECORD_NOT_FOUND' })
  t.match(await host.sql('select undone_by, undone_at is not null as undone from changes'), [{ undone_by: 'operator', undone: true }])
})

t.test('waits for a concurrent change of a number, and refuses when it commits', async t => {
  const host = await numbersHost(t)
  const { undo, update } = callsOf(host)
  await update({ number: '2125550000', end: '2125550099', class: 2 })
  const other = await openSession(t, host)
  await other.query(`begin; update numbers set region = 2 where number = '2125550099'`)
  const refused = refusalOf(undo('2'))
  await other.waitedFor()
  await other.query('commit')
  t.match(await refused, { changes: [{ first: '2125550099', differs: ['region'] }], changedBy: [] })
})

t.test('does not report a change as undone if a trigger keeps one of its numbers', async t => {
  const host = await numbersHost(t)
  const { undo, delete: remove } = callsOf(host)
  await remove({ number: '2125550000', end: '2125550009' })
  await host.sql(`create function keep() returns trigger language plpgsql as 'begin return null; end';
    create trigger keep before insert on numbers for each row when (new.number = '2125550005') execute function keep()`)
  await t.rejects(undo('2'), { code: 'TELCO_NUMBERS_DATABASE_BUSY' })
  t.equal(await rowOf(host, '2125550000'), undefined)
})

t.test('restores long ranges of any numbers', async t => {
  const host = await demoHost(t)
  const { undo, create, update, delete: remove } = callsOf(host)
  await create({ start: '29995000', end: '30005999', class: 1, ingroup: 1, alias: '+000' + '0'.repeat(20) })
  await host.sql(`update numbers set class = 2 where number ~ '[05]$' and number < '29996000'`)
  await host.sql(`alter table numbers disable trigger numbers_digits_updated; update numbers set alias = 'x' || number where number > '30005900'`)
  await host.sql(`insert into numbers select '3000/000', null, class, ingroup, customer, region, stype, load from numbers limit 1`)
  const before = await stateOf(host)
  await update({ number: '29995000', end: '30005999', region: 2, stype: 'callerid' })
  await update({ number: '29995000', end: '30005999', alias: '50000', customer: 3 })
  await remove({ number: '29995000', end: '30005999' })
  await undo('4')
  await undo('2', { with: ['3'] })
  t.strictSame(await stateOf(host), before)
  await host.sql(`update numbers set stype = 'callerid' where number = '30000000'`)
  await create({ start: '31000000', end: '31010999', class: 1, ingroup: 1 })
  await update({ number: '31000000', end: '31010999', class: 2 })
  await host.sql(`update numbers set stype = 'callerid' where number = '31000007'`)
  t.match(await refusalOf(undo('6')), { changes: [{ first: '31000007', last: '31000007', differs: ['stype'] }] })
})

function callsOf ({ app }: TestHost) {
  const { telcoNumbers } = app
  return {
    create: telcoNumbers.create.bind(telcoNumbers), update: telcoNumbers.update.bind(telcoNumbers),
    delete: telcoNumbers.delete.bind(telcoNumbers), import: telcoNumbers.import.bind(telcoNumbers),
    undo: telcoNumbers.undo.bind(telcoNumbers)
  }
}
