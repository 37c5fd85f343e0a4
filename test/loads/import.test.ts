import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { Database, type Query } from '../../lib/database/database.js'
import { readFile } from '../../lib/import/read-file.js'
import { InvalidParametersError, type Issue } from '../../lib/index.js'
import { checkFile } from '../../lib/loads/import-checks.js'
import { ImportRequest } from '../../lib/parameters/import.js'
import { demoHost, demoSchema, type TestHost } from '../support/host.js'

const DEFAULTS = { class: 1, ingroup: 2 }

interface Row { readonly number: string, readonly alias: string | null, readonly class: number, readonly customer: number | null }

async function rowsOf ({ sql }: TestHost): Promise<Row[]> {
  return await sql<Row>('select number, alias, class, customer from numbers order by number')
}

async function issuesOf (refused: Promise<unknown>): Promise<readonly Issue[]> {
  const error: unknown = await refused.catch((error: unknown) => error)
  if (error instanceof InvalidParametersError) return error.issues
  throw new Error('the import was not refused', { cause: error })
}

t.test('adds all rows as one load with its ranges', async t => {
  const host = await demoHost(t)
  const csv = 'number,alias,class,customer\n0301,+5,1,\n0302,+6,1,\n0999,,2,3\n3100,,1,3\n3101,,1,3\n'
  const imported = await host.app.telcoNumbers.import(csv, { ingroup: 2, region: 1 }, { person: 'ann', source: 'test' })
  t.strictSame(imported, { id: '1', count: 5, charges: [], numbers: 5, ranges: 3, warnings: [] })
  t.strictSame(await rowsOf(host), [
    { number: '0301', alias: '+5', class: 1, customer: null },
    { number: '0302', alias: '+6', class: 1, customer: null },
    { number: '0999', alias: null, class: 2, customer: 3 },
    { number: '3100', alias: null, class: 1, customer: 3 },
    { number: '3101', alias: null, class: 1, customer: 3 }
  ])
  const range = { ingroup: 2, region: 1, stype: 'number' }
  t.match(await host.app.telcoNumbers.getLoad('1'), {
    person: 'ann', source: 'test', start: '0301', end: '3101', count: 5, rangeCount: 3, alias: null, class: null, ingroup: 2,
    customer: null, region: 1, stype: 'number', chargeCustomer: false, charged: '0',
    ranges: [
      { ...range, first: '0301', last: '0302', count: 2, alias: '+5', class: 1, customer: null },
      { ...range, first: '0999', last: '0999', count: 1, alias: null, class: 2, customer: 3 },
      { ...range, first: '3100', last: '3101', count: 2, alias: null, class: 1, customer: 3 }
    ]
  })
})

t.test('stores a file of one range as create does', async t => {
  const host = await demoHost(t)
  t.match(await host.app.telcoNumbers.import('0301\n0302\n', { ...DEFAULTS, alias: '' }), { id: '1', count: 2, ranges: 1 })
  await host.app.telcoNumbers.create({ start: '0401', end: '0402', ...DEFAULTS })
  const [imported, created] = await Promise.all(['1', '2'].map(id => host.app.telcoNumbers.getLoad(id)))
  t.match(imported, { rangeCount: 1, class: 1, ranges: [{ first: '0301', last: '0302', count: 2, class: 1 }] })
  t.match(created, { rangeCount: 1, class: 1, ranges: [{ first: '0401', last: '0402', count: 2, class: 1 }] })
  t.strictSame(await host.sql('select from load_range_arrays'), [])
})

t.test('undoes all of the load', async t => {
  const host = await demoHost(t)
  const csv = 'number,alias,class,customer\n0301,+5,1,2\n0302,+6,1,2\n0999,,2,3\n12345678901234567890,,1,3\n'
  const { id, charges } = await host.app.telcoNumbers.import(csv, { ingroup: 2, charge_customer: true })
  t.match(charges, [
    { customer: 3, quantity: 1, unitPrice: '1.50' }, { customer: 3, quantity: 1, unitPrice: '15.00' },
    { customer: 2, quantity: 3, unitPrice: '1.00' }, { customer: 2, quantity: 1, unitPrice: '10.00' }
  ])
  t.strictSame(await host.sql('select customer, quantity, amount, balance_after, text from transactions order by id'), [
    { customer: 2, quantity: 3, amount: '-3.00', balance_after: '-3.00', text: 'Signup of 3 numbers, class Normal' },
    { customer: 2, quantity: 1, amount: '-10.00', balance_after: '-13.00', text: 'Signup of 1 numbers, class Gold' },
    { customer: 3, quantity: 1, amount: '-1.50', balance_after: '-1.50', text: 'Signup of 1 numbers, class Normal' },
    { customer: 3, quantity: 1, amount: '-15.00', balance_after: '-16.50', text: 'Signup of 1 numbers, class Gold' }
  ])
  t.match(await host.sql('select id, balance from customers where balance <> 0 order by id'), [{ balance: '-13.00' }, { balance: '-16.50' }])
  t.match(await host.sql('select charged from loads'), [{ charged: '29.50' }])

  await host.sql(`update numbers set alias = '+7' where number = '0302'; update numbers set class = 1 where number = '0999'`)
  await t.rejects(host.app.telcoNumbers.undo(String(id)), {
    code: 'TELCO_NUMBERS_UNDO_REFUSED',
    changes: [
      { first: '0302', last: '0302', count: 1, reason: 'changed' }, { first: '0999', last: '0999', count: 1, reason: 'changed' }
    ]
  })
  await host.sql(`update numbers set alias = '+6' where number = '0302'; update numbers set class = 2 where number = '0999'`)
  t.match(await host.app.telcoNumbers.undo(String(id), { dryRun: true }), { count: 4 })
  t.match(await host.app.telcoNumbers.undo(String(id)), { count: 4, reversals: [{}, {}, {}, {}] })
  t.strictSame(await rowsOf(host), [])
  t.strictSame(await host.sql('select from customers where balance <> 0'), [])
})

t.test('refuses a file with the lines of all issues', async t => {
  const host = await demoHost(t)
  await host.sql(`insert into classes (id, name) values (10, 'Without a price')`)
  await host.app.telcoNumbers.create({ start: '0305', end: '0306', ...DEFAULTS })
  await host.app.telcoNumbers.create({ start: '777', alias: '+50', ...DEFAULTS })
  const csv = 'number,alias,class,ingroup,customer\n0304,,1,,\n\n0305,,1,,\n0306,,1,,\n03O7,,1,,\n0401,+49,3,1,2\n' +
    '0402,+50,3,1,2\n0401,,9,8,99\n0501,,10,1,3\n'
  const before = await host.sql('select * from loads')
  const issues = await issuesOf(host.app.telcoNumbers.import(csv, { ingroup: 2, customer: 3, charge_customer: true }))
  t.strictSame(issues.map(({ message }) => message), [
    'line 6, column number: "03O7" must be 1 to 32 digits; only spaces, dots, slashes and parentheses may be in between',
    'line 9, column number: number 0401 is on line 7 already',
    'line 7, column class: class 3 is reserved for another customer',
    'line 9, column class: class 9 does not exist; existing: 1 (Normal), 2 (Gold), 3 (Reserved), 10 (Without a price)',
    'line 9, column customer: customer 99 does not exist; existing: 1 (System owner), 2 (Reseller), 3 (Customer), 4 (Unpriced customer)',
    'line 9, column ingroup: ingroup 8 does not exist; existing: 1 (Toll-free), 2 (New York), 3 (London)',
    'lines 4 to 5, column number: 2 numbers already exist: 0305 to 0306',
    'line 8, column alias: alias +50 already exists',
    'line 7: class 3 has no price in the plan of customer 2, nor in any above it',
    'line 10: class 10 has no price in the plan of customer 3, nor in any above it'
  ])
  t.strictSame(await host.sql('select * from loads'), before)
})

t.test('reports a parameter that is invalid for every row under its own key', async t => {
  const host = await demoHost(t)
  t.match(await issuesOf(host.app.telcoNumbers.import('1\n', { class: 9, ingroup: 8 })), [{ key: 'class' }, { key: 'ingroup' }])
  t.match(await issuesOf(host.app.telcoNumbers.import('1\n', { ...DEFAULTS, customer: 1, charge_customer: true })), [
    { key: 'charge_customer' }
  ])
  t.match(await issuesOf(host.app.telcoNumbers.import('1\n', { charge_customer: true })), [
    { key: 'class', message: 'class is missing: give it as a parameter, or in a column class' }, { key: 'ingroup' }, { key: 'charge_customer' }
  ])
})

t.test('lists a hundred issues, and how many more there are', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ start: '1000', end: '1999', ...DEFAULTS })
  const wrong = Array.from({ length: 150 }, () => 'x1').join('\n')
  const existing = Array.from({ length: 250 }, (_, index) => 1000 + 2 * index).join('\n')
  for (const [csv, more] of [[`1\n${wrong}`, 50], [existing, 150], [`1\n${wrong}\n${existing}`, 300]] as const) {
    const issues = await issuesOf(host.app.telcoNumbers.import(csv, DEFAULTS))
    t.equal(issues.length, 101)
    t.match(issues.at(-1), { key: 'csv', message: `and ${more} more` })
  }
})

t.test('warns of numbers that are prefixes of longer ones, or refuses them', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.import('030123\n0301\n0301999\n', DEFAULTS)
  const csv = 'range\n03012340-9\n030123451-9\n03012346XX\n040\n'
  const warnings = [
    'line 3: number 030123451 begins with number 03012345 of line 2',
    'line 4: number 0301234600 begins with number 03012346 of line 2',
    'line 2: number 03012340 begins with number 0301, which exists',
    'line 2: number 03012340 begins with number 030123, which exists'
  ]
  t.match(await host.app.telcoNumbers.import(csv, { ...DEFAULTS, validation: true }), {
    id: null, count: 0, numbers: 120, ranges: 4, warnings
  })
  const refused = await issuesOf(host.app.telcoNumbers.import(csv, { ...DEFAULTS, mixed_lengths: 'refuse' }))
  t.strictSame(refused.map(({ message }) => message.replace(', column range', '')), warnings)
  t.match(await issuesOf(host.app.telcoNumbers.import('03\n05\n', { ...DEFAULTS, mixed_lengths: 'refuse' })), [
    { message: 'line 1, column 1: number 0301, which exists, begins with number 03', line: 1 }
  ])
  t.match(await host.app.telcoNumbers.import(csv, DEFAULTS), { count: 120, warnings: [] })
})

t.test('looks for prefixes only if warnings are shown or mixed lengths are refused', async t => {
  const database = new Database({ ...await demoSchema(t), limits: { lockTimeout: 60_000, statementTimeout: 60_000 } })
  const file = await readFile('0301\n0302\n', Value.Parse(ImportRequest, DEFAULTS), { maxRange: 100, maxIssues: 100 })
  const statementsOf = async (mixedLengths: 'refuse' | 'warn' | 'ignore'): Promise<number> => await database.snapshot(async query => {
    let count = 0
    const counted: Query = async (sql, values) => {
      count++
      return await query(sql, values)
    }
    await checkFile(counted, { file, purchases: [], mixedLengths })
    return count
  })
  t.strictSame(await Promise.all((['refuse', 'warn', 'ignore'] as const).map(statementsOf)), [4, 4, 3])
})

t.test('looks at each range once for all that cannot be charged', async t => {
  const database = new Database({ ...await demoSchema(t), limits: { lockTimeout: 60_000, statementTimeout: 60_000 } })
  const csv = `number,class\n${Array.from({ length: 1_000 }, (_, index) => `${1_000 + index},${1_000 + index}\n`).join('')}`
  const file = await readFile(csv, Value.Parse(ImportRequest, { ingroup: 2, customer: 3 }), { maxRange: 1_000, maxIssues: 5_000 })
  const purchases = file.ranges.map(({ attributes }) => ({ customer: 3, class: attributes.class, quantity: 1 }))
  let looks = 0
  const ranges = file.ranges.map(range => ({
    ...range,
    get attributes () {
      looks++
      return range.attributes
    }
  }))
  const { issues } = await database.snapshot(query => checkFile(query, { file: { ...file, ranges }, purchases, mixedLengths: 'ignore' }))
  t.equal(issues.list().filter(({ message }) => message.includes('has no price')).length, 1_000)
  t.ok(looks < 20_000, `${looks} looks`)
})

t.test('lists ten warnings, and how many more there are', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ start: '10', end: '59', ...DEFAULTS })
  const csv = Array.from({ length: 50 }, (_, index) => `${index + 10}0`).join('\n')
  const { warnings } = await host.app.telcoNumbers.import(csv, { ...DEFAULTS, validation: true })
  t.equal(warnings.length, 11)
  t.equal(warnings.at(-1), 'and 40 more')
})

t.test('adds a large range among others, and looks up existing numbers in it', async t => {
  const host = await demoHost(t)
  const csv = 'range,alias\n3000000000-3000019999,+1000000\n4000000000,\n'
  t.match(await host.app.telcoNumbers.import(csv, DEFAULTS), { count: 20_001, ranges: 2 })
  t.strictSame(await host.sql(`select number, alias from numbers where number = '3000019999'`), [{ number: '3000019999', alias: '+1019999' }])
  await host.sql(`update numbers set alias = null where number = '3000000001'; delete from numbers where number = '4000000000'`)
  t.match(await issuesOf(host.app.telcoNumbers.import(csv, DEFAULTS)), [
    { message: 'line 2, column range: 20000 numbers already exist: 3000000000 to 3000019999' },
    { message: 'line 2, column alias: alias +1000000 already exists' },
    { message: 'line 2, column alias: 19998 aliases already exist: +1000002 to +1019999' }
  ])
})

t.test('adds numbers and aliases between existing ones, and stores no counts of ranges of one number', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ start: '2125550005', end: '2125550006', alias: '15', ...DEFAULTS })
  const csv = 'number,alias\n2125550007,17\n2125550004,14\n21255500055,\n'
  t.match(await host.app.telcoNumbers.import(csv, DEFAULTS), { count: 3, ranges: 3 })
  t.strictSame(await host.sql('select counts, lasts from load_range_arrays'), [{ counts: null, lasts: null }])
  t.strictSame(await host.sql('select first, last, count, alias from load_ranges order by position'), [
    { first: '2125550007', last: '2125550007', count: 1, alias: '17' }, { first: '2125550004', last: '2125550004', count: 1, alias: '14' },
    { first: '21255500055', last: '21255500055', count: 1, alias: null }
  ])
  t.match(await issuesOf(host.app.telcoNumbers.import('number,alias\n2125550003,16\n2125550008,18\n', DEFAULTS)), [
    { message: 'line 2, column alias: alias 16 already exists' }
  ])
})

t.test('writes nothing if only the last of many rows exists', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ start: '9999999999', ...DEFAULTS })
  const before = await host.sql(`select pg_relation_size('numbers') as size, pg_relation_size('load_range_arrays') as ranges`)
  const csv = [...Array.from({ length: 5_000 }, (_, index) => 5_000_000_000 + 37 * index), 9999999999].join('\n')
  t.match(await issuesOf(host.app.telcoNumbers.import(csv, DEFAULTS)), [{ line: 5001 }])
  t.strictSame(await host.sql(`select pg_relation_size('numbers') as size, pg_relation_size('load_range_arrays') as ranges`), before)
})

t.test('accepts rows as objects', async t => {
  const host = await demoHost(t)
  const rows = [{ number: '0301', class: 2 }, { number: '0302', alias: '+5' }]
  t.match(await host.app.telcoNumbers.import(rows, DEFAULTS), { count: 2, ranges: 2 })
  t.match(await issuesOf(host.app.telcoNumbers.import([{ number: '0301' }, { number: 302 as unknown as string }], DEFAULTS)), [
    { message: /^line 2, column number: "a number, not a string"/ }, { message: 'line 1, column number: number 0301 already exists' }
  ])
})

t.test('notifies onChange of the load with its ranges', async t => {
  const loads: unknown[] = []
  const host = await demoHost(t, { onChange: ({ record }) => { loads.push(record) } })
  await host.app.telcoNumbers.import('1\n3\n', { ...DEFAULTS, validation: true })
  await host.app.telcoNumbers.import('1\n3\n', DEFAULTS)
  await host.app.close()
  t.match(loads, [{ id: '1', rangeCount: 2, ranges: [{ first: '1' }, { first: '3' }] }])
})

t.test('tries again if another transaction adds one of the numbers at the same time', async t => {
  const host = await demoHost(t)
  const [one, other] = await Promise.all([
    host.app.telcoNumbers.import('11\n13\n15\n', DEFAULTS).then(() => 'added', () => 'refused'),
    host.app.telcoNumbers.import('15\n13\n17\n', DEFAULTS).then(() => 'added', () => 'refused')
  ])
  t.strictSame([one, other].sort(), ['added', 'refused'])
  t.match(await host.sql('select count(*)::integer from numbers'), [{ count: 3 }])
})
