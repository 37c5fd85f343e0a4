import t from 'tap'
import { demoHost } from '../support/host.js'

const COUNT = 8_000
const RANGE = { number: '5550000000', end: '5550007999' }
const LOAD = { start: RANGE.number, end: RANGE.end, class: 1, ingroup: 1, alias: '+7000000' }
const IMPORTED = ['start,end,class,ingroup,alias', ...Array.from({ length: COUNT / 10 }, (_, tens) => (
  `555${String(tens).padStart(6, '0')}0,555${String(tens).padStart(6, '0')}9,${1 + tens % 2},1,+8${String(tens).padStart(6, '0')}0`
))].join('\n')

/** What the planner thinks of the tables and indexes that grow with the numbers. */
const STATISTICS = {
  'were empty when they were analyzed, but had pages': [1, 0],
  'seem to be far larger than they are': [1, 10_000],
  'were never analyzed': [0, -1]
}

for (const [name, statistics] of Object.entries(STATISTICS)) {
  t.test(`compares no number with all others if the tables ${name}`, async t => {
    // Comparing each number with each takes several times as long.
    const { app: { telcoNumbers: numbers }, sql, schema } = await demoHost(t, { statementTimeout: 5_000 })
    const misled = async <T>(call: () => Promise<T>): Promise<T> => {
      await sql(`update pg_class set relpages = $1, reltuples = $2
        where relnamespace = '${schema}'::regnamespace and relkind in ('r', 'i') and relname ~ '^(numbers|load|change)'`, statistics)
      return await call()
    }
    const idOf = async (call: () => Promise<{ readonly id: string | null }>): Promise<string> => String((await misled(call)).id)
    const refusalOf = async (call: () => Promise<unknown>): Promise<unknown> => (
      await misled(call).then(() => 'not refused', (error: unknown) => error))

    const load = await idOf(() => numbers.create(LOAD))
    t.match(await refusalOf(() => numbers.create(LOAD)), { issues: [{ key: 'start' }, { key: 'alias' }] })
    await sql('alter table numbers disable trigger numbers_digits_updated')
    await sql(`update numbers set number = '55500000/7' where number = '5550000007'`)
    t.match(await refusalOf(() => numbers.undo(load)), { changes: [{ first: '5550000007', count: 1, reason: 'gone' }] })
    await sql(`update numbers set number = '5550000007' where number = '55500000/7'`)
    await sql('alter table numbers enable trigger numbers_digits_updated')
    t.match(await misled(() => numbers.undo(load, { dryRun: true })), { count: COUNT })

    const update = await idOf(() => numbers.update({ ...RANGE, class: 2, alias: '+7000001' }))
    t.match(await misled(() => numbers.undo(update)), { count: COUNT })
    await sql(`update numbers set region = 1 where number like '%9'`)
    t.match(await refusalOf(() => numbers.undo(load)), { changes: [{ first: '5550000009', count: 1, reason: 'changed', differs: ['region'] }] })
    const uneven = await idOf(() => numbers.update({ ...RANGE, class: 2 }))
    await sql(`update numbers set ingroup = 2 where number = '5550000007'`)
    t.match(await refusalOf(() => numbers.undo(uneven)), { changes: [{ first: '5550000007', count: 1, differs: ['ingroup'] }] })
    await sql(`update numbers set ingroup = 1 where number = '5550000007'`)
    t.match(await misled(() => numbers.undo(uneven)), { count: COUNT })
    t.match(await refusalOf(() => numbers.update({ number: '5550000001', end: '5550008000', class: 2 })), { issues: [{ key: 'number' }] })

    const deletion = await idOf(() => numbers.delete(RANGE))
    await sql(`insert into numbers (number, class, ingroup, stype, load) values ('5550000007', 1, 1, 'number', $1)`, [load])
    t.match(await refusalOf(() => numbers.undo(deletion)), { changes: [{ first: '5550000007', count: 1, reason: 'exists' }] })
    await sql(`delete from numbers`)
    t.match(await misled(() => numbers.undo(deletion)), { count: COUNT })
    t.equal(await misled(() => numbers.count({ start: RANGE.number, end: RANGE.end })), COUNT)

    t.match(await refusalOf(() => numbers.import(IMPORTED)), { issues: [{ key: 'csv' }] })
    await sql(`delete from numbers`)
    const file = await idOf(() => numbers.import(IMPORTED))
    await sql(`update numbers set region = 1 where number = '5550000007'`)
    t.match(await refusalOf(() => numbers.undo(file)), { changes: [{ first: '5550000007', count: 1, differs: ['region'] }] })
    await sql(`update numbers set region = null where number = '5550000007'`)
    t.match(await misled(() => numbers.undo(file)), { count: COUNT })
  })
}
