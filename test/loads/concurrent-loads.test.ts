import t from 'tap'
import { InvalidParametersError } from '../../lib/errors.js'
import type { CreatedLoad } from '../../lib/index.js'
import { demoHost } from '../support/host.js'
import { openSession } from '../support/session.js'
import { keysOfRefusal } from '../support/refusal.js'

t.jobs = 3

const GOOD = { class: 1, ingroup: 1 }

const ROW = (number: string, alias = 'null') => `
  insert into numbers (number, alias, class, ingroup, stype, load) values ('${number}', ${alias}, 1, 1, 'number', 1)`

/** The loads that were created, and the keys for which the others were refused. */
async function outcomesOf (calls: ReadonlyArray<Promise<CreatedLoad>>): Promise<{ created: CreatedLoad[], refused: string[][] }> {
  const outcomes = await Promise.allSettled(calls)
  const created = outcomes.flatMap(outcome => outcome.status === 'fulfilled' ? [outcome.value] : [])
  const refused = outcomes.flatMap((outcome): string[][] => {
    if (outcome.status === 'fulfilled') return []
    if (outcome.reason instanceof InvalidParametersError) return [outcome.reason.issues.map(problem => problem.key)]
    throw outcome.reason
  })
  return { created, refused }
}

t.test('of calls for the same range at once, one creates it and the others are told that it exists', async t => {
  const { app, sql } = await demoHost(t)
  const request = { ...GOOD, start: '0000', end: '4999' }
  const { created, refused } = await outcomesOf(Array.from({ length: 10 }, () => app.telcoNumbers.create(request)))
  t.equal(created.length, 1)
  t.strictSame(refused, Array.from({ length: 9 }, () => ['start']))
  t.strictSame(await sql('select count(*)::integer, count(distinct load)::integer as loads from numbers'), [{ count: 5000, loads: 1 }])
  t.strictSame(await sql('select id from loads'), [{ id: created[0]?.load }])
})

t.test('of calls for ranges that overlap, every number has one winner', async t => {
  const { app, sql } = await demoHost(t)
  const { created, refused } = await outcomesOf(Array.from({ length: 12 }, (_, place) => (
    app.telcoNumbers.create({ ...GOOD, start: String(10000 + place * 500), end: String(10999 + place * 500) }))))
  t.equal(created.length + refused.length, 12)
  t.not(created.length, 0)
  for (const keys of refused) t.strictSame(keys, ['start'])
  t.strictSame(
    await sql('select load, count(*)::integer from numbers group by load order by load'),
    created.map(({ load, count }) => ({ load, count })).sort((one, other) => Number(one.load) - Number(other.load)))
})

t.test('of calls whose aliases overlap, every alias has one winner', async t => {
  const { app, sql } = await demoHost(t)
  const { created, refused } = await outcomesOf(Array.from({ length: 10 }, (_, place) => (
    app.telcoNumbers.create({ ...GOOD, start: String(10000 + place * 1000), end: String(10999 + place * 1000), alias: '+5000' }))))
  t.equal(created.length, 1)
  t.strictSame(refused, Array.from({ length: 9 }, () => ['alias']))
  t.strictSame(await sql('select count(*)::integer from numbers'), [{ count: 1000 }])
})

t.test('calls whose numbers and aliases cross, so that each would wait for the other, end with a winner', async t => {
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

t.test('a call that was chosen to end a deadlock looks again', async t => {
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

t.test('a call waits for another that has its numbers, and is refused when that one commits', async t => {
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

t.test('a call waits for another that has its numbers, and goes on when that one is given up', async t => {
  const host = await demoHost(t)
  const other = await openSession(t, host)
  await host.app.telcoNumbers.create({ ...GOOD, start: '9' })
  await other.query(`begin; ${ROW('55')}`)
  const waiting = host.app.telcoNumbers.create({ ...GOOD, start: '50', end: '59' })
  await other.waitedFor()
  await other.query('rollback')
  t.match(await waiting, { count: 10 })
})

t.test('a call whose region is deleted while it runs says that the region does not exist', async t => {
  const host = await demoHost(t)
  const other = await openSession(t, host)
  await other.query('begin; delete from regions where id = 2')
  const waiting = host.app.telcoNumbers.create({ ...GOOD, start: '50', end: '59', region: 2 })
  await other.waitedFor()
  await other.query('commit')
  t.strictSame(await keysOfRefusal(waiting), ['region'])
  t.strictSame(await host.sql('select from numbers union all select from loads'), [])
})

t.test('a call that keeps losing gives up and says that the database is busy', async t => {
  const { app, sql } = await demoHost(t)
  await sql(`create function lose() returns trigger language plpgsql as
    $$ begin raise exception 'lost' using errcode = 'unique_violation'; end $$`)
  await sql('create trigger lose before insert on numbers for each statement execute function lose()')
  await t.rejects(app.telcoNumbers.create({ ...GOOD, start: '1' }), {
    code: 'TELCO_NUMBERS_DATABASE_BUSY', statusCode: 503, message: /keep changing these numbers/
  })
  t.strictSame(await sql('select from loads'), [])
})
