import t from 'tap'
import { Database, type Query } from '../../lib/database/database.js'
import { InvalidParametersError } from '../../lib/errors.js'
import { findConflicts } from '../../lib/repository/conflicts.js'
import { insertLongLoad, insertShortLoad } from '../../lib/repository/insert-load.js'
import { lockLoad } from '../../lib/repository/loads.js'
import { WALK_INDEXES } from '../../lib/repository/range-sql.js'
import { deleteNumbers } from '../../lib/repository/undo.js'
import { demoHost } from '../support/host.js'

const LIMITS = { lockTimeout: 60_000, statementTimeout: 60_000 }
const ATTRIBUTES = { class: 1, ingroup: 1, customer: 0, region: 0, stype: 'number', charge_customer: false } as const
const NUMBERS = { first: '5550000000', last: '5550019999', count: 20_000 }

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
  const { app: { telcoNumbers: numbers }, pool, schema } = await demoHost(t)
  const database = new Database({ pool, schema, limits: LIMITS })
  await numbers.create({ start: '5550000000000', end: '5550000029999', class: 1, ingroup: 1 })
  /** Returns the result of `work`, and how many entries of the index it read. */
  const readBy = async <T>(work: (query: Query) => Promise<T>): Promise<{ result: T, read: number }> => (
    await database.transaction(async query => {
      const countRead = async (): Promise<number> => Number((await query<{ read: string }>(
        `select pg_stat_get_xact_tuples_returned('${schema}.numbers_pkey'::regclass) as read`)).rows[0]?.read)
      const before = await countRead()
      const result = await work(query)
      return { result, read: await countRead() - before }
    }, WALK_INDEXES))

  const validated = await readBy(query => findConflicts(query, 'number', NUMBERS))
  t.equal(validated.result, undefined)
  t.ok(validated.read < 10, `${validated.read} entries read to find that no number exists`)

  const created = await readBy(query => insertLongLoad(
    query, { parameters: ATTRIBUTES, numbers: NUMBERS, aliases: undefined }, { person: null, source: null, requestId: null }))
  t.ok(created.read < 10, `${created.read} entries read to add the numbers`)

  const short = { first: '5560000000', last: '5560001999', count: 2_000 }
  await numbers.create({ start: '5560000000000', end: '5560000009999', class: 1, ingroup: 1 })
  const createdShort = await readBy(query => insertShortLoad(
    query, { parameters: ATTRIBUTES, numbers: short, aliases: undefined }, { person: null, source: null, requestId: null }))
  t.ok(createdShort.read < 10, `${createdShort.read} entries read to add the numbers of a short range`)

  const undone = await readBy(async query => {
    const load = await lockLoad(query, created.result ?? '')
    return load === undefined ? undefined : await deleteNumbers(query, load)
  })
  t.equal(undone.result, NUMBERS.count)
  t.ok(undone.read < 10, `${undone.read} entries read to delete the numbers`)
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
