import t from 'tap'
import { Database, type Query } from '../../lib/database/database.js'
import { InvalidParametersError } from '../../lib/errors.js'
import {
  deleteLongRange, deleteRecorded, insertChange, restoreDeleted, restoreUpdated, updateRecorded
} from '../../lib/repository/changed-runs.js'
import type { ChangeInput } from '../../lib/repository/changes.js'
import type { NumberRange } from '../../lib/numbers/number-range.js'
import { findConflicts } from '../../lib/repository/conflicts.js'
import { insertLongLoad, insertShortLoad } from '../../lib/repository/insert-load.js'
import { insertRanges } from '../../lib/repository/insert-ranges.js'
import { lockLoad } from '../../lib/repository/loads.js'
import { findConflictRuns } from '../../lib/repository/range-checks.js'
import { WALK_INDEXES } from '../../lib/repository/range-sql.js'
import { deleteNumbers } from '../../lib/repository/undo.js'
import { demoHost } from '../support/host.js'

const LIMITS = { lockTimeout: 60_000, statementTimeout: 60_000 }
const ATTRIBUTES = { class: 1, ingroup: 1, customer: 0, region: 0, stype: 'number', charge_customer: false } as const
const ACTOR = { person: null, source: null, requestId: null }
const COUNT = 2_000

t.test('finds and adds and undoes a range with far more longer numbers and aliases between its members', async t => {
  const { app: { telcoNumbers: numbers }, sql } = await demoHost(t)
  await numbers.create({ start: '9', class: 1, ingroup: 1 })
  // Every 200th member has longer ones; the 300th is text that a host has stored.
  await sql(`insert into numbers (number, alias, class, ingroup, stype, load)
    select prefix || lpad(longer::text, 2, '0'), '+' || prefix || lpad(longer::text, 2, '0'), 1, 1, 'number', 1
    from generate_series(1000000, 1019999, 200) as prefix, generate_series(0, 29) as longer
    union all select '10003x', '+10003x', 1, 1, 'number', 1`)
  const request = { start: '1000000', end: '1019999', alias: '+1000000', class: 1, ingroup: 1 }
  t.match(await numbers.create({ ...request, validation: true }), { count: 0 })
  const { id } = await numbers.create(request)
  const refusal = await numbers.create({ ...request, start: '1010000', end: '1029999' }).catch((error: unknown) => error)
  t.ok(refusal instanceof InvalidParametersError)
  t.match(refusal, { issues: [
    { key: 'start', message: /^10000 of the 20000 numbers already exist: 1010000 to 1019999/ },
    { key: 'alias', message: /^20000 of the 20000 aliases already exist: \+1000000 to / }
  ] })
  t.match(await numbers.update({ number: '1000000', end: '1019999', class: 2, validation: true }), { count: 0 })
  await sql(`update numbers set class = 2 where number = '1000005'`)
  t.match(await numbers.undo(id ?? '').catch((error: unknown) => error), { changes: [{ first: '1000005', last: '1000005' }] })
  await sql(`update numbers set class = 1 where number = '1000005'`)
  t.match(await numbers.undo(id ?? ''), { count: 20_000 })
  t.equal(await numbers.count(), 3_002)
})

t.test('reads few entries of the index, however many longer numbers are between the members of a range', async t => {
  const { app: { telcoNumbers: numbers }, pool, schema, sql } = await demoHost(t)
  const database = new Database({ pool, schema, limits: LIMITS })
  /** Returns a range of 2,000 members, of which the first ten have 1,000 longer numbers each. */
  const besideLonger = async (first: string): Promise<NumberRange> => {
    await numbers.create({ start: `${first}000`, end: `${first.slice(0, -1)}9999`, class: 1, ingroup: 1 })
    return { first, last: String(Number(first) + COUNT - 1), count: COUNT }
  }
  const addBesideLonger = async (first: string): Promise<NumberRange> => {
    const range = await besideLonger(first)
    await numbers.create({ start: range.first, end: range.last, class: 1, ingroup: 1 })
    return range
  }
  /** Returns the result of `work`, which must not read more entries of the index than expected. */
  const readAtMost = async <T>(expected: number, work: (query: Query) => Promise<T>): Promise<T> => (
    await database.transaction(async query => {
      const countRead = async (): Promise<number> => Number((await query<{ read: string }>(
        `select pg_stat_get_xact_tuples_returned('${schema}.numbers_pkey'::regclass) as read`)).rows[0]?.read)
      const before = await countRead()
      const result = await work(query)
      const read = await countRead() - before
      t.ok(read <= expected, `${read} entries read, at most ${expected} expected`)
      return result
    }, WALK_INDEXES))
  const change = async (query: Query, input: ChangeInput): Promise<string> => {
    const recorded = await insertChange(query, input, ACTOR)
    const apply = input.kind === 'delete' ? deleteRecorded : updateRecorded
    t.equal(await apply(query, recorded.id, input, recorded), COUNT)
    return recorded.id
  }

  const created = await besideLonger('5550000000')
  t.equal(await readAtMost(10, query => findConflicts(query, 'number', created)), undefined)
  const load = await readAtMost(10, query => insertLongLoad(
    query, { parameters: ATTRIBUTES, numbers: created, aliases: undefined }, ACTOR))
  const undoOf = async (query: Query, id: string): Promise<number | null> => {
    const record = await lockLoad(query, id)
    return record === undefined ? 0 : await deleteNumbers(query, record)
  }
  t.equal(await readAtMost(10, query => undoOf(query, load ?? '')), COUNT)

  const short = await besideLonger('5540000000')
  await readAtMost(10, query => insertShortLoad(query, { parameters: ATTRIBUTES, numbers: short, aliases: undefined }, ACTOR))

  const update = { kind: 'update', numbers: await addBesideLonger('5560000000'), aliases: undefined, newValues: { class: 2 } } as const
  const updated = await readAtMost(10, query => change(query, update))
  t.equal(await readAtMost(10, query => restoreUpdated(query, updated, update)), COUNT)
  const deleted = await addBesideLonger('5570000000')
  t.type(await readAtMost(10, query => deleteLongRange(query, { ...update, kind: 'delete', newValues: {}, numbers: deleted }, ACTOR)), 'string')

  // Numbers that differ from others are looked up: once to record, once to change them. The update left their former entries.
  const uneven = await addBesideLonger('5580000000')
  await sql(`update numbers set region = 1 where number = '5580001000'`)
  const input = { ...update, numbers: uneven }
  const unevenUpdate = await readAtMost(2 * COUNT + 50, query => change(query, input))
  t.equal(await readAtMost(2 * COUNT + 50, query => restoreUpdated(query, unevenUpdate, input)), COUNT)

  const uneven2 = await addBesideLonger('5590000000')
  await sql(`update numbers set region = 1 where number = '5590001000'`)
  const deletion = await readAtMost(2 * COUNT + 50, query => change(query, { ...input, kind: 'delete', newValues: {}, numbers: uneven2 }))
  t.equal(await readAtMost(0, query => restoreDeleted(query, deletion)), COUNT)

  const { first, last } = await besideLonger('5600000000')
  const halves = [{ first, last: '5600000999', count: COUNT / 2 }, { first: '5600001000', last, count: COUNT / 2 }]
  const ranges = halves.map(half => ({ numbers: half, aliases: undefined, attributes: ATTRIBUTES }))
  const file = { ranges, inOrder: { numbers: ranges, aliases: [] }, isCharged: false }
  const imported = await readAtMost(10, query => insertRanges(query, file, ACTOR))
  t.match(await readAtMost(COUNT + 50, query => findConflictRuns(query, 'number', ranges, 10)), [{ count: COUNT / 2 }, { count: COUNT / 2 }])
  t.equal(await readAtMost(COUNT + 50, query => undoOf(query, imported ?? '')), COUNT)
})

t.test('lists and counts a range without the longer numbers between its members, page by page', async t => {
  const { app: { telcoNumbers: numbers } } = await demoHost(t)
  await numbers.create({ start: '1000', end: '8999', class: 1, ingroup: 1 })
  await numbers.create({ start: '2000000', end: '2009999', class: 1, ingroup: 1 })
  const range = { start: '1500', end: '8499' }
  const members = Array.from({ length: 7000 }, (_, place) => String(1500 + place))
  for (const [after, first] of [['', 1500], ['1000', 1500], ['2004', 2005], ['20049', 2005], ['200', 2000], ['1', 1500]] as const) {
    const expected = members.filter(number => Number(number) >= first)
    t.strictSame(await numbersOf(numbers.list({ ...range, after })), expected, `after ${after}`)
    t.equal(await numbers.count({ ...range, after }), expected.length)
  }
  for (const after of ['8499', '9999']) {
    t.strictSame(await numbersOf(numbers.list({ ...range, after })), [])
    t.equal(await numbers.count({ ...range, after }), 0)
  }
  t.strictSame(await numbersOf(numbers.list({ ...range, limit: 300, offset: 250 })), members.slice(250, 550))
  t.strictSame(await numbersOf(numbers.list({ ...range, limit: 3000, offset: 250 })), members.slice(250, 3250))
  t.strictSame(await numbersOf(numbers.list({ start: '1500' })), ['1500'])
  t.strictSame(await numbersOf(numbers.list({ ...range, search: '77' })), members.filter(number => number.includes('77')))
})

t.test('updates, deletes and restores numbers that are not one after the other in the table', async t => {
  const { app: { telcoNumbers: numbers }, sql } = await demoHost(t)
  const range = { number: '5550000000', end: '5550001999' }
  await numbers.create({ start: range.number, end: range.end, class: 1, ingroup: 1 })
  const moveFirst = async (): Promise<unknown> => await sql(`update numbers set class = class where number = '5550000000'`)
  await moveFirst()
  const { id: update } = await numbers.update({ ...range, class: 2 })
  await moveFirst()
  t.match(await numbers.undo(update ?? ''), { count: COUNT })
  await moveFirst()
  const { id: deletion } = await numbers.delete(range)
  t.match(await numbers.undo(deletion ?? ''), { count: COUNT })
  t.strictSame(await sql('select class, count(*)::integer from numbers group by class'), [{ class: 1, count: COUNT }])

  await numbers.create({ start: '7000000', end: '7039999', class: 1, ingroup: 1 })
  await numbers.create({ start: '5550002000', end: '5550002999', class: 1, ingroup: 1 })
  const apart = { number: '5550001000', end: '5550002999' }
  const { id: apartUpdate } = await numbers.update({ ...apart, class: 2 })
  t.match(await numbers.undo(apartUpdate ?? ''), { count: COUNT })
  t.match(await numbers.delete(apart), { count: COUNT })
  t.strictSame(await sql('select class, count(*)::integer from numbers group by class'), [{ class: 1, count: 41_000 }])
})

t.test('undoes an untouched load whose numbers are not one after the other in the table', async t => {
  const { app: { telcoNumbers: numbers }, sql } = await demoHost(t)
  const insert = async (first: number, order: string): Promise<string> => {
    const [load] = await sql<{ id: string }>(`
      with load as (
        insert into loads (start, "end", count, class, ingroup, stype, charge_customer)
        values ('${first}', '${first + 2_999}', 3000, 1, 1, 'number', false) returning id
      ), inserted as (
        insert into numbers (number, class, ingroup, stype, load)
        select number, 1, 1, 'number', (select id from load) from generate_series(${first}, ${first + 2_999}) as number order by ${order}
      )
      select id from load`)
    return load?.id ?? ''
  }
  t.match(await numbers.undo(await insert(5000, 'number <> 6000, number desc')), { count: 3000 })
  t.match(await numbers.undo(await insert(5000, 'number <> 6000, number')), { count: 3000 })
  t.equal(await numbers.count(), 0)
})

async function numbersOf (rows: AsyncIterable<{ readonly number: string }>): Promise<string[]> {
  const numbers: string[] = []
  for await (const { number } of rows) numbers.push(number)
  return numbers
}
