import t, { type Test } from 'tap'
import { Database } from '../../lib/database/database.js'
import { SQLSTATE, sqlStateOf } from '../../lib/database/sqlstate.js'
import { planLoad } from '../../lib/loads/plan.js'
import { CreateRequest } from '../../lib/parameters/create.js'
import { parseHostParameters } from '../../lib/parameters/parse.js'
import { insertSingleLoads } from '../../lib/repository/insert-single-loads.js'
import type { NumberState } from '../../lib/repository/number-events.js'
import { demoHost, type TestHost } from '../support/host.js'
import { openSession, type Session } from '../support/session.js'

t.jobs = 4

type Calls = TestHost['app']['telcoNumbers']

interface Waiting {
  readonly title: string
  /** Waits for the first number, and then changes the last one too. */
  readonly start: (calls: Calls) => Promise<{ readonly id: string | null }>
  readonly first: string
  readonly last: string
}

const GOOD = { class: 1, ingroup: 1 }

const LIMITS = { lockTimeout: 20_000, statementTimeout: 60_000 }

/** Replays the events of a number, and returns them as text; fails if one does not begin as the events before it end. */
async function storyOf (t: Test, { app }: TestHost, number: string): Promise<string[]> {
  let state: Partial<NumberState> | null = null
  const events = await app.telcoNumbers.history(number)
  for (const { kind, id, before, after } of events) {
    t.match(state, before, `${kind} ${id} of ${number}`)
    state = before === null || after === null ? after : Object.assign({}, state, after)
  }
  return events.map(({ kind, undone, id }) => `${kind} ${undone === null ? '' : `${undone} `}${id}`)
}

/** Undoes all loads and changes in one transaction, the latest first. */
async function undoAll ({ app, sql }: TestHost): Promise<void> {
  const records = await sql<{ id: string }>(`
    select id from loads where undone_at is null union all select id from changes where undone_at is null`)
  const [id = '', ...others] = records.map(record => record.id)
  await app.telcoNumbers.undo(id, { with: others })
}

async function hold (session: Session, number: string): Promise<void> {
  await session.query(`begin; insert into numbers (number, class, ingroup, stype, load) values ('${number}', 1, 1, 'number', 1)
    on conflict (number) do update set class = numbers.class`)
}

const CHANGES: readonly Waiting[] = [
  ...([['short', '2000', '2009'], ['long', '20000', '32999']] as const).flatMap(([length, first, last]): Waiting[] => [
    { title: `a ${length} update`, first, last, start: calls => calls.update({ number: first, end: last, class: 2 }) },
    { title: `a ${length} delete`, first, last, start: calls => calls.delete({ number: first, end: last }) }
  ])
]

const UNDOS: readonly Waiting[] = [
  { title: 'the undo of a load', first: '2000', last: '2009', start: calls => calls.undo('2', { with: ['3'] }) },
  { title: 'the undo of an update', first: '2000', last: '2009', start: calls => calls.undo('3') }
]

/** Others change the last number, and undo that, while a change waits. */
const OVERTAKERS: ReadonlyArray<readonly [title: string, overtake: (calls: Calls, number: string) => Promise<unknown>]> = [
  ['an update and its undo', async (calls, number) => {
    await calls.undo(String((await calls.update({ number, region: 2 })).id))
  }],
  ['a delete and its undo', async (calls, number) => {
    await calls.undo(String((await calls.delete({ number })).id))
  }],
  ['two updates', async (calls, number) => {
    await calls.update({ number, region: 2 })
    await calls.update({ number, region: 0 })
  }],
  ['the undos of earlier updates that cancelled each other out', async calls => {
    await calls.undo('5')
    await calls.undo('4')
  }]
]

for (const { title, first, last, start } of [...CHANGES, ...UNDOS]) {
  for (const [overtaker, overtake] of OVERTAKERS) {
    t.test(`${title} that ${overtaker} overtook follows them in the history`, async t => {
      const host = await demoHost(t)
      const { app: { telcoNumbers: calls }, sql } = host
      await calls.create({ ...GOOD, start: '9' })
      await calls.create({ ...GOOD, start: first, end: last })
      await calls.update({ number: first, end: last, ingroup: 2 })
      await calls.update({ number: last, region: 1 })
      await calls.update({ number: last, region: 0 })
      const session = await openSession(t, host)
      await hold(session, first)
      const waiting = start(calls)
      await session.waitedFor()
      await overtake(calls, last)
      await session.query('rollback')
      const { id } = await waiting
      const story = await storyOf(t, host, last)
      t.match(story.at(-1), new RegExp(` ${id}$`), story.join(', '))
      if (title.startsWith('the undo')) return
      await undoAll(host)
      t.strictSame(await sql('select number from numbers'), [])
    })
  }
}

/** Loads of the last number that wait at the first one. */
const LOADS: ReadonlyArray<readonly [
  title: string, first: string, last: string, load: (host: TestHost, t: Test) => Promise<unknown>
]> = [
  ['a short load', '2000', '2009', async ({ app }) => await app.telcoNumbers.create({ ...GOOD, start: '2000', end: '2009' })],
  ['a long load', '20000', '32999', async ({ app }) => await app.telcoNumbers.create({ ...GOOD, start: '20000', end: '32999' })],
  ['an import', '2000', '2009', async ({ app }) => await app.telcoNumbers.import('number\n2000\n2009', GOOD)],
  ['a batch of single loads', '2000', '2009', async (host, t) => {
    // The batch itself waits for a fifth of a second only. What it does not insert is loaded one by one.
    await t.rejects(insertBatch(host, ['2000', '2009']), { code: SQLSTATE.serializationFailure })
    for (const start of ['2000', '2009']) await host.app.telcoNumbers.create({ ...GOOD, start })
  }]
]

/** Inserts single loads in one statement, and returns how many were inserted. */
async function insertBatch ({ pool, schema }: TestHost, numbers: readonly string[]): Promise<number> {
  const loads = numbers.map(start => {
    const load = planLoad(parseHostParameters(CreateRequest, { ...GOOD, start }), 1)
    if (load.kind !== 'single') throw new Error(`the plan is ${load.kind}`)
    return { load, actor: { person: null, source: null, requestId: null } }
  })
  return (await insertSingleLoads(new Database({ pool, schema, limits: LIMITS }), loads, LIMITS.lockTimeout)).size
}

for (const [title, first, last, load] of LOADS) {
  t.test(`${title} follows an earlier load of its last number that was undone in the meantime`, async t => {
    const host = await demoHost(t)
    const { app: { telcoNumbers: calls }, sql } = host
    await calls.create({ ...GOOD, start: '9' })
    const [before, after] = [await openSession(t, host), await openSession(t, host)]
    // The earlier load waits at its second number until the later one waits at its first.
    const next = String(Number(last) + 1)
    await hold(before, next)
    const earlier = calls.create({ ...GOOD, start: last, end: next })
    await before.waitedFor()
    await hold(after, first)
    const later = load(host, t)
    await after.waitedFor()
    await before.query('rollback')
    const { id } = await earlier
    await calls.undo(String(id))
    await after.query('rollback')
    await later
    const story = await storyOf(t, host, last)
    t.match(story, [`load ${id}`, `undo load ${id}`, /^load /])
    await undoAll(host)
    t.strictSame(await sql('select number from numbers'), [])
  })
}

t.test('a batch of single loads is overtaken by loads of its own numbers only', async t => {
  for (const [other, isOvertaken] of [['2009', true], ['2005', false]] as const) {
    const host = await demoHost(t)
    const { app: { telcoNumbers: calls } } = host
    await calls.create({ ...GOOD, start: '9' })
    const session = await openSession(t, host)
    await hold(session, '2000')
    const batch = insertBatch(host, ['2000', '2009', '9']).catch(sqlStateOf)
    await session.waitedFor()
    await calls.create({ ...GOOD, start: other })
    await calls.delete({ number: other })
    await session.query('rollback')
    t.equal(await batch, isOvertaken ? SQLSTATE.serializationFailure : 2)
  }
})

t.test('a record with a later identifier or an undo, but an earlier time or one that is to come, overtakes no load', async t => {
  const { app: { telcoNumbers: calls }, sql } = await demoHost(t)
  for (const time of ['2000-01-01', '2100-01-01']) {
    for (const undone of ['null', `'${time}'`]) {
      await sql(`insert into loads (id, created_at, start, "end", count, class, ingroup, stype, charge_customer, undone_at) overriding system value
        values ((select 1000 + count(*) from loads), '${time}', '2000', '2009', 10, 1, 1, 'number', false, ${undone})`)
    }
  }
  t.match(await calls.create({ ...GOOD, start: '2000', end: '2009' }), { count: 10 })
  t.match(await calls.update({ number: '2000', end: '2009', class: 2 }), { count: 10 })
})
