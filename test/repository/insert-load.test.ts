import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Database } from '../../lib/database/database.js'
import { planLoad } from '../../lib/loads/plan.js'
import { CreateRequest, type CreateInput } from '../../lib/parameters/create.js'
import { parseHostParameters } from '../../lib/parameters/parse.js'
import { insertLongLoad, insertShortLoad } from '../../lib/repository/insert-load.js'
import { demoSchema, type TestSchema } from '../support/host.js'

t.jobs = 4

const LIMITS = { lockTimeout: 10_000, statementTimeout: 60_000 }
const WIDTHS = Array.from({ length: 32 }, (_, index) => index + 1)

interface NumberRow { readonly number: string, readonly alias: string | null }

/** A schema, and the way in which the test inserts. */
interface Inserting extends TestSchema { readonly insertLoad: typeof insertLongLoad }

async function insert ({ pool, schema, insertLoad }: Inserting, request: CreateInput): Promise<string | undefined> {
  const load = planLoad(parseHostParameters(CreateRequest, request), 1_000_000)
  if (load.kind === 'invalid') throw new Error('the load of the test is invalid')
  const actor = { person: 'user', source: '::1', requestId: null }
  const database = new Database({ pool, schema, limits: LIMITS })
  return await database.transaction(query => insertLoad(query, load, actor))
}

/** Inserts, returns the rows in the order of their numbers, and empties the table again. */
async function inserted (database: Inserting, request: CreateInput): Promise<NumberRow[]> {
  await insert(database, request)
  return await database.sql<{ number: string, alias: string | null }>(`
    with gone as (delete from numbers returning number, alias) select number, alias from gone order by number`)
}

/** Ranges of any length are inserted alike, by the function and by the statement. */
function testBoth (title: string, work: (t: Test, database: Inserting) => Promise<void>): void {
  for (const [by, insertLoad] of [['function', insertShortLoad], ['statement', insertLongLoad]] as const) {
    void t.test(`${title}, by the ${by}`, async t => { await work(t, { ...await demoSchema(t), insertLoad }) })
  }
}

function counted (first: string, count: number): string[] {
  return Array.from({ length: count }, (_, place) => (BigInt(first) + BigInt(place)).toString().padStart(first.length, '0'))
}

function rowsOf (start: string, alias: string | undefined, count: number): NumberRow[] {
  const aliases = alias === undefined ? [] : counted(alias.replace('+', ''), count)
  const sign = alias?.startsWith('+') === true ? '+' : ''
  return counted(start, count).map((number, place) => ({ number, alias: alias === undefined ? null : `${sign}${aliases[place]}` }))
}

/** Digit strings of a width that leave room for `count` members, often just below a carry. */
function firstOf (width: number, count: number): fc.Arbitrary<string> {
  const ceiling = 10n ** BigInt(width) - BigInt(count)
  const anywhere = fc.bigInt({ min: 0n, max: ceiling })
  const carry = fc.tuple(anywhere, fc.integer({ min: 1, max: width }), fc.nat({ max: count }))
  const belowCarry = carry.map(([value, nines, below]) => {
    const unit = 10n ** BigInt(nines)
    const first = value - value % unit + unit - 1n - BigInt(below)
    return first < 0n ? 0n : first > ceiling ? ceiling : first
  })
  return fc.oneof(anywhere, belowCarry).map(value => value.toString().padStart(width, '0'))
}

const series = (width: number) => fc.record({
  count: fc.integer({ min: 1, max: 10 }),
  aliasWidth: fc.integer({ min: 1, max: 32 }),
  sign: fc.constantFrom('', '+')
}).chain(({ count, aliasWidth, sign }) => fc.record({
  count: fc.constant(count),
  start: firstOf(width, count),
  alias: fc.option(firstOf(aliasWidth, count).map(digits => sign + digits), { nil: undefined })
}))

for (const width of WIDTHS) {
  testBoth(`inserts numbers of ${width} digits and their aliases as calculated`, async (t, database) => {
    await fc.assert(fc.asyncProperty(series(width), async ({ start, count, alias }) => {
      const expected = rowsOf(start, alias, count)
      const rows = await inserted(database, {
        start, end: expected.at(-1)?.number ?? '', class: 1, ingroup: 1, ...alias !== undefined && { alias }
      })
      return t.strictSame(rows, expected)
    }), { numRuns: 12 })
  })
}

testBoth('carries digits, both within and beyond the digits that PostgreSQL counts', async (t, database) => {
  for (const [start, end] of [
    ['0999', '1000'],
    ['99999999999999999998', '99999999999999999999'],
    ['999999999999999998', '999999999999999999'],
    ['0999999999999999999', '1000000000000000000'],
    ['00999999999999999998', '01000000000000000001'],
    ['09999999999999999999999999999999', '10000000000000000000000000000000']
  ] as const) {
    const count = Number(BigInt(end) - BigInt(start)) + 1
    t.strictSame(await inserted(database, { start, end, class: 1, ingroup: 1 }), rowsOf(start, undefined, count))
    const numbers = { start: '10', end: String(9 + count), class: 1, ingroup: 1 }
    t.strictSame(await inserted(database, { ...numbers, alias: `+${start}` }), rowsOf('10', `+${start}`, count))
  }
})

testBoth('keeps leading zeros in both columns', async (t, database) => {
  const rows = await inserted(database, { start: '0390000000', end: '0390000999', alias: '0009000', class: 1, ingroup: 1 })
  t.strictSame(rows, rowsOf('0390000000', '0009000', 1000))
  t.strictSame(rows.at(-1), { number: '0390000999', alias: '0009999' })
})

testBoth('stores missing parameters as NULL, and the others unchanged', async (t, database) => {
  const none = await insert(database, { start: '1', class: 1, ingroup: 1, customer: 0, region: 0, alias: '' })
  const all = await insert(database, {
    start: '20', end: '21', class: 3, ingroup: 2, customer: 3, region: 2, alias: '+07', stype: 'callerid'
  })
  t.strictSame(await database.sql('select * from numbers order by number'), [
    { number: '1', alias: null, class: 1, ingroup: 1, customer: null, region: null, stype: 'number', load: none },
    { number: '20', alias: '+07', class: 3, ingroup: 2, customer: 3, region: 2, stype: 'callerid', load: all },
    { number: '21', alias: '+08', class: 3, ingroup: 2, customer: 3, region: 2, stype: 'callerid', load: all }
  ])
  t.match(await database.sql('select * from loads order by id'), [
    {
      id: none, person: 'user', source: '::1', start: '1', end: '1', count: 1, alias: null, class: 1, ingroup: 1,
      customer: null, region: null, stype: 'number', charge_customer: false, charged: '0', created_at: Date
    },
    { id: all, start: '20', end: '21', count: 2, alias: '+07', class: 3, ingroup: 2, customer: 3, region: 2, stype: 'callerid' }
  ])
})

testBoth('writes nothing if a number or alias exists or a reference is invalid', async (t, database) => {
  await insert(database, { start: '100', end: '109', alias: '+500', class: 1, ingroup: 1 })
  const good = { start: '200', end: '209', class: 1, ingroup: 1 }
  for (const request of [
    { ...good, start: '109', end: '118' },
    { ...good, start: '091', end: '100' },
    { ...good, start: '000', end: '999' },
    { ...good, alias: '+509' },
    { ...good, alias: '+491' },
    { ...good, class: 9 },
    { ...good, ingroup: 9 },
    { ...good, customer: 9 },
    { ...good, region: 9 },
    { ...good, class: 3, customer: 2 }
  ]) {
    t.equal(await insert(database, request), undefined, JSON.stringify(request))
  }
  t.strictSame(await database.sql('select count(*)::integer from numbers union all select count(*)::integer from loads'),
    [{ count: 10 }, { count: 1 }])
})

testBoth('ignores numbers and aliases of other widths or with another sign', async (t, database) => {
  await insert(database, { start: '1005', alias: '5005', class: 1, ingroup: 1 })
  await insert(database, { start: '10050', alias: '+50', class: 1, ingroup: 1 })
  t.type(await insert(database, { start: '100', end: '109', alias: '500', class: 1, ingroup: 1 }), 'string')
  t.type(await insert(database, { start: '200', end: '209', alias: '+500', class: 1, ingroup: 1 }), 'string')
  t.type(await insert(database, { start: '300', end: '309', alias: '0500', class: 1, ingroup: 1 }), 'string')
})
