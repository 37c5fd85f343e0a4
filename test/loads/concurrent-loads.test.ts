import t from 'tap'
import { Database } from '../../lib/database/database.js'
import { InvalidParametersError } from '../../lib/errors.js'
import type { CreatedLoad } from '../../lib/index.js'
import { lockAliases } from '../../lib/repository/lock-aliases.js'
import { Deferred } from '../support/deferred.js'
import { demoHost } from '../support/host.js'
import { blockedBy, openSession } from '../support/session.js'
import { keysOfRefusal } from '../support/refusal.js'

t.jobs = 3

/** Returns the keys of a refusal. */
function keysOf (error: unknown): string[] {
  if (error instanceof InvalidParametersError) return error.issues.map(({ key }) => key)
  throw error
}

const GOOD = { class: 1, ingroup: 1 }

const ROW = (number: string, alias = 'null') => `
  insert into numbers (number, alias, class, ingroup, stype, load) values ('${number}', ${alias}, 1, 1, 'number', 1)`

/** Returns the loads that were created, and the keys of the refusals. */
async function outcomesOf (calls: ReadonlyArray<Promise<CreatedLoad>>): Promise<{ created: CreatedLoad[], refused: string[][] }> {
  const outcomes = await Promise.allSettled(calls)
  const created = outcomes.flatMap(outcome => outcome.status === 'fulfilled' ? [outcome.value] : [])
  const refused = outcomes.flatMap((outcome): string[][] => {
    if (outcome.status === 'fulfilled') return []
    if (outcome.reason instanceof InvalidParametersError) return [outcome.reason.issues.map(issue => issue.key)]
    throw outcome.reason
  })
  return { created, refused }
}

t.test('creates the same range once for concurrent calls, and refuses the others because it exists', async t => {
  const { app, sql } = await demoHost(t)
  const request = { ...GOOD, start: '0000', end: '4999' }
  const { created, refused } = await outcomesOf(Array.from({ length: 10 }, () => app.telcoNumbers.create(request)))
  t.equal(created.length, 1)
  t.strictSame(refused, Array.from({ length: 9 }, () => ['start']))
  t.strictSame(await sql('select count(*)::integer, count(distinct load)::integer as loads from numbers'), [{ count: 5000, loads: 1 }])
  t.strictSame(await sql('select id from loads'), [{ id: created[0]?.id }])
})

for (const [kind, start, end] of [['short', '2000', '2099'], ['long', '20000', '25999']] as const) {
  t.test(`gives a ${kind} load that another one overtook a later identifier`, async t => {
    const host = await demoHost(t)
    const { app, sql } = host
    await app.telcoNumbers.create({ ...GOOD, start: '9' })
    // The load waits at its first number until others have added and released its last one.
    const other = await openSession(t, host)
    await other.query(`begin; ${ROW(start)}`)
    const overtaken = app.telcoNumbers.create({ ...GOOD, start, end })
    await other.waitedFor()
    const between = await app.telcoNumbers.create({ ...GOOD, start: end })
    const released = await app.telcoNumbers.delete({ number: end })
    await other.query('rollback')
    const { id } = await overtaken
    t.ok(Number(between.id) < Number(released.id) && Number(released.id) < Number(id), `${between.id}, ${released.id}, ${id}`)
    t.strictSame(await sql('select distinct load from numbers order by load'), [{ load: '1' }, { load: id }])
    for (const record of [id, released.id, between.id]) await app.telcoNumbers.undo(String(record))
    t.strictSame(await sql('select number from numbers'), [{ number: '9' }])
  })
}

t.test('gives an import that another load overtook a later identifier, but not for numbers between its own', async t => {
  for (const [members, other, isOvertaken] of [['2099\n2000\n2098', '2098', true], ['2000\n2098\n2099', '2050', false]] as const) {
    const host = await demoHost(t)
    const { app, sql } = host
    await app.telcoNumbers.create({ ...GOOD, start: '9' })
    const session = await openSession(t, host)
    await session.query(`begin; ${ROW('2000')}`)
    const imported = app.telcoNumbers.import(`number\n${members}`, GOOD)
    await session.waitedFor()
    await app.telcoNumbers.create({ ...GOOD, start: other })
    const released = await app.telcoNumbers.delete({ number: other })
    await session.query('rollback')
    const { id } = await imported
    t.equal(Number(released.id) < Number(id), isOvertaken, `${released.id}, ${id}`)
    t.strictSame(await sql('select distinct load from numbers where load > 1'), [{ load: id }])
  }
})

t.test('takes a later import, whose numbers are in no order, as one that overtook a load', async t => {
  const host = await demoHost(t)
  const { app } = host
  await app.telcoNumbers.create({ ...GOOD, start: '9' })
  const other = await openSession(t, host)
  await other.query(`begin; ${ROW('2000')}`)
  const overtaken = app.telcoNumbers.create({ ...GOOD, start: '2000', end: '2009' })
  await other.waitedFor()
  const between = await app.telcoNumbers.import('number\n3000\n2009\n2500', GOOD)
  const released = await app.telcoNumbers.undo(String(between.id))
  await other.query('rollback')
  t.ok(Number(released.id) < Number((await overtaken).id))
})

t.test('creates every number once for concurrent calls with overlapping ranges', async t => {
  const { app, sql } = await demoHost(t)
  const { created, refused } = await outcomesOf(Array.from({ length: 12 }, (_, place) => (
    app.telcoNumbers.create({ ...GOOD, start: String(10000 + place * 500), end: String(10999 + place * 500) }))))
  t.equal(created.length + refused.length, 12)
  t.not(created.length, 0)
  for (const keys of refused) t.strictSame(keys, ['start'])
  t.strictSame(
    await sql('select load, count(*)::integer from numbers group by load order by load'),
    created.map(({ id, count }) => ({ load: id, count })).sort((one, other) => Number(one.load) - Number(other.load)))
})

t.test('creates every alias once for concurrent calls with overlapping aliases', async t => {
  const { app, sql } = await demoHost(t)
  const { created, refused } = await outcomesOf(Array.from({ length: 10 }, (_, place) => (
    app.telcoNumbers.create({ ...GOOD, start: String(10000 + place * 1000), end: String(10999 + place * 1000), alias: '+5000' }))))
  t.equal(created.length, 1)
  t.strictSame(refused, Array.from({ length: 9 }, () => ['alias']))
  t.strictSame(await sql('select count(*)::integer from numbers'), [{ count: 1000 }])
})

t.test('creates one of two loads that would wait for each other\'s numbers and aliases', async t => {
  const { app, sql } = await demoHost(t)
  // Halfway, the first needs a number of the second, and the second needs an alias of the first.
  const { created, refused } = await outcomesOf([
    app.telcoNumbers.create({ ...GOOD, start: '100000', end: '119999', alias: '510000' }),
    app.telcoNumbers.create({ ...GOOD, start: '110000', end: '129999', alias: '500000' })
  ])
  t.equal(created.length, 1)
  t.strictSame(refused, [['start', 'alias']])
  t.strictSame(await sql('select count(*)::integer from numbers'), [{ count: 20_000 }])
})

t.test('retries a call that PostgreSQL cancels to end a deadlock', async t => {
  const host = await demoHost(t, { lockTimeout: 20_000 })
  const other = await openSession(t, host)
  await host.app.telcoNumbers.create({ ...GOOD, start: '9' })
  await other.query(`set deadlock_timeout = '1min'; begin; ${ROW('55')}`)
  const waiting = host.app.telcoNumbers.create({ ...GOOD, start: '50', end: '59' })
  await other.waitedFor()
  await other.query(ROW('50'))
  await other.query('commit')
  t.strictSame(await keysOfRefusal(waiting), ['start'])
})

t.test('waits for a transaction with the same numbers, and refuses the call when it commits', async t => {
  const host = await demoHost(t)
  const other = await openSession(t, host)
  await host.app.telcoNumbers.create({ ...GOOD, start: '9' })
  await other.query(`begin; ${ROW('55', `'+7'`)}`)
  const waiting = [
    host.app.telcoNumbers.create({ ...GOOD, start: '50', end: '59' }),
    host.app.telcoNumbers.create({ ...GOOD, start: '60', end: '69', alias: '+0' })
  ]
  await other.waitedFor(2)
  await other.query('commit')
  t.strictSame(await Promise.all(waiting.map(keysOfRefusal)), [['start'], ['alias']])
})

t.test('waits for a transaction with the same numbers, and continues when it rolls back', async t => {
  const host = await demoHost(t)
  const other = await openSession(t, host)
  await host.app.telcoNumbers.create({ ...GOOD, start: '9' })
  await other.query(`begin; ${ROW('55')}`)
  const waiting = host.app.telcoNumbers.create({ ...GOOD, start: '50', end: '59' })
  await other.waitedFor()
  await other.query('rollback')
  t.match(await waiting, { count: 10 })
})

t.test('refuses a load whose region is deleted while it runs', async t => {
  const host = await demoHost(t)
  const other = await openSession(t, host)
  await other.query('begin; delete from regions where id = 2')
  const waiting = host.app.telcoNumbers.create({ ...GOOD, start: '50', end: '59', region: 2 })
  await other.waitedFor()
  await other.query('commit')
  t.strictSame(await keysOfRefusal(waiting), ['region'])
  t.strictSame(await host.sql('select from numbers union all select from loads'), [])
})

t.test('reports a busy database after too many conflicts', async t => {
  const { app, sql } = await demoHost(t)
  await sql(`create function conflict() returns trigger language plpgsql as
    $$ begin raise exception 'conflict' using errcode = 'deadlock_detected'; end $$`)
  await sql('create trigger conflict before insert on numbers for each statement execute function conflict()')
  await t.rejects(app.telcoNumbers.create({ ...GOOD, start: '1' }), {
    code: 'TELCO_NUMBERS_DATABASE_BUSY', statusCode: 503, message: /keep changing these numbers/
  })
  t.strictSame(await sql('select from loads'), [])
})

t.test('lets loads whose numbers and aliases cross wait in one order, because each deadlock takes a second to find', async t => {
  const host = await demoHost(t)
  const { app, sql } = host
  const other = await openSession(t, host)
  await other.query('begin; lock table numbers in share mode')
  const first = app.telcoNumbers.create({ ...GOOD, start: '2000000000', end: '2000009999', alias: '70000005000' })
  const [holder] = await other.waitedFor()
  const crossing = { ...GOOD, start: '2000005000', end: '2000014999', alias: '70000000000' }
  const outcomes = outcomesOf(Array.from({ length: 5 }, () => app.telcoNumbers.create(crossing)))
  await blockedBy(sql, holder, 5)
  await other.query('rollback')
  t.match(await first, { count: 10_000 })
  t.strictSame(await outcomes, { created: [], refused: Array.from({ length: 5 }, () => ['start', 'alias']) })
})

t.test('lets updates, imports and undoing wait with loads whose aliases cross', async t => {
  const host = await demoHost(t)
  const { app, sql } = host
  await app.telcoNumbers.create({ ...GOOD, start: '2000020000', end: '2000029999', alias: '+70000020000' })
  const { id } = await app.telcoNumbers.delete({ number: '2000020000', end: '2000029999' })
  const other = await openSession(t, host)
  await other.query('begin; lock table numbers in share mode')
  const first = app.telcoNumbers.create({ ...GOOD, start: '2000005000', end: '2000029999', alias: '+70000005000' })
  const [holder] = await other.waitedFor()
  const waiting = Promise.all([
    app.telcoNumbers.update({ number: '2000005000', end: '2000014999', alias: '+70000000000' }).catch(keysOf),
    app.telcoNumbers.import('number,alias\n1,+70000019999\n2000012345,\n2000005005,+70000029999', GOOD).catch(keysOf),
    app.telcoNumbers.undo(String(id)).catch((error: unknown) => error)
  ])
  await blockedBy(sql, holder, 3)
  await other.query('rollback')
  t.match(await first, { count: 25_000 })
  const [updated, imported, undone] = await waiting
  // Aliases up to +70000009999 count up from those of the numbers, and the update gives each to another number of its own.
  t.match(updated, { count: 10_000 })
  t.strictSame(imported, ['csv', 'csv', 'csv', 'csv'])
  t.match(undone, { code: 'TELCO_NUMBERS_UNDO_REFUSED' })
})

t.test('limits the waits for all locks of a load together, because PostgreSQL limits each of them', async t => {
  const { pool, schema, sql } = await demoHost(t)
  const database = new Database({ pool, schema, limits: { lockTimeout: 60_000, statementTimeout: 60_000 } })
  const [held, released] = [new Deferred(), new Deferred()]
  let holder = 0
  const holding = database.transaction(async query => {
    await lockAliases(query, database, [{ first: '50000', count: 1 }])
    holder = (await query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0
    held.resolve()
    await released.promise
  })
  await held.promise
  const waiting = database.transaction(async query => {
    await lockAliases(query, database, [{ first: '49999', count: 2 }])
    return (await query<{ milliseconds: number }>(
      `select setting::integer as milliseconds from pg_settings where name = 'lock_timeout'`)).rows[0]?.milliseconds
  })
  await blockedBy(sql, holder, 1)
  released.resolve()
  await holding
  const left = Number(await waiting)
  t.ok(left < 60_000 && left >= 1_000, `${left} ms are left`)
})

t.test('takes one lock for aliases that are too scattered for a lock each', async t => {
  const host = await demoHost(t)
  const { app, sql } = host
  const other = await openSession(t, host)
  const file = (number: number): string => Array.from({ length: 300 }, (_, place) => `${number + 2 * place},${70_000 * place}`).join('\n')
  await other.query('begin; lock table numbers in share mode')
  const first = app.telcoNumbers.import(`number,alias\n${file(100_000)}`, GOOD)
  const [holder] = await other.waitedFor()
  const second = app.telcoNumbers.import(`number,alias\n${file(100_001)}`, GOOD).catch(keysOf)
  await blockedBy(sql, holder, 1)
  const [locks] = await sql(`select count(*)::integer from pg_locks where locktype = 'advisory' and granted and pid = $1`, [holder])
  t.ok(Number(locks?.count) < 100)
  await other.query('rollback')
  t.match(await first, { count: 300 })
  t.equal((await second as string[])[0], 'csv')
})
