import t, { type Test } from 'tap'
import { Database } from '../../lib/database/database.js'
import { rangeFrom } from '../../lib/numbers/number-range.js'
import { findConflicts, type Conflicts } from '../../lib/repository/conflicts.js'
import { WALK_INDEXES } from '../../lib/repository/range-sql.js'
import { demoSchema, type TestSchema } from '../support/host.js'

t.jobs = 3

const LIMITS = { lockTimeout: 10_000, statementTimeout: 60_000 }

type Find = (first: string, last: string) => Promise<Conflicts | undefined>

function finderOf ({ pool, schema }: TestSchema, column: 'number' | 'alias'): Find {
  return async (first, last) => {
    // A range of aliases is a range of numbers with an optional sign.
    const range = rangeFrom(first, Number(BigInt(last.replace('+', '')) - BigInt(first.replace('+', ''))) + 1)
    if (range === undefined) throw new Error(`${first} to ${last} is not a range`)
    const database = new Database({ pool, schema, limits: LIMITS })
    return await database.snapshot(query => findConflicts(query, column, range), WALK_INDEXES)
  }
}

for (const column of ['number', 'alias'] as const) {
  /** Inserts the values of a query into the column; the other column gets different values. */
  const store = async (t: Test, values: string): Promise<Find> => {
    const database = await demoSchema(t)
    await database.sql(`insert into loads (start, "end", count, class, ingroup, stype, charge_customer)
      values ('1', '1', 1, 1, 1, 'number', false)`)
    const other = `'99' || lpad((row_number() over ())::text, 30, '0')`
    await database.sql(`insert into numbers (number, alias, class, ingroup, stype, load)
      select ${column === 'number' ? `value, null` : `${other}, value`}, 1, 1, 'number', 1 from (${values}) as given (value)`)
    return finderOf(database, column)
  }

  t.test(`finds nothing if no ${column} exists`, async t => {
    const find = await store(t, `values ('099'), ('110')`)
    t.equal(await find('100', '109'), undefined)
    t.equal(await find('000', '098'), undefined)
  })

  t.test(`finds the first and the last ${column} of a range`, async t => {
    const find = await store(t, `values ('099'), ('100'), ('109'), ('110')`)
    t.match(await find('100', '109'), {
      count: 2, isMore: false, isCut: false, runs: [{ first: '100', last: '100' }, { first: '109', last: '109' }]
    })
    t.match(await find('100', '100'), { count: 1, runs: [{ first: '100', last: '100' }] })
  })

  t.test(`ignores each ${column} of another width that sorts between`, async t => {
    const find = await store(t, `values ('10'), ('1005'), ('10050000000000'), ('108'), ('0101'), ('101')`)
    t.match(await find('100', '109'), { count: 2, runs: [{ first: '101' }, { first: '108' }] })
    t.match(await find('1000', '1009'), { count: 1, runs: [{ first: '1005' }] })
    t.equal(await find('00', '09'), undefined)
    t.equal(await find('1', '9'), undefined)
  })

  t.test(`counts each ${column}, and returns up to three ranges`, async t => {
    const find = await store(t, `
      select lpad(value::text, 4, '0') from generate_series(0, 9999) as value
      where value between 98 and 102 or value = 200 or value between 998 and 1001 or value > 5000 and value % 2 = 0`)
    t.match(await find('0000', '0999'), {
      count: 8, isMore: false, isCut: false,
      runs: [{ first: '0098', last: '0102' }, { first: '0200', last: '0200' }, { first: '0998', last: '0999' }]
    })
    t.match(await find('0100', '9999'), {
      count: 3 + 1 + 4 + 2499, isMore: false, isCut: true,
      runs: [{ first: '0100', last: '0102' }, { first: '0200', last: '0200' }, { first: '0998', last: '1001' }]
    })
    const found = await find('0000', '9999')
    t.equal(found?.runs.length, 3)
  })

  t.test(`finds an existing ${column} of a short range among many longer ones that sort between`, async t => {
    const find = await store(t, `select value::text from generate_series(1000000, 1200000) as value union all values ('110')`)
    t.match(await find('100', '119'), { count: 1, runs: [{ first: '110', last: '110' }] })
  })

  t.test(`returns each consecutive ${column} of 32 digits in one range`, async t => {
    const head = '9'.repeat(13)
    const find = await store(t, `select '${head}0' || (999999999999999990 + value)::text from generate_series(0, 9) as value
      union all select '${head}1' || lpad(value::text, 18, '0') from generate_series(0, 5) as value`)
    t.match(await find(`${head}0${'9'.repeat(13)}00000`, `${head}1${'0'.repeat(13)}00009`), {
      count: 16, runs: [{ first: `${head}0${'9'.repeat(17)}0`, last: `${head}1${'0'.repeat(17)}5` }]
    })
  })

  t.test(`counts each ${column} of more than 10,000, but cuts the ranges`, async t => {
    const find = await store(t, `select lpad(value::text, 6, '0') from generate_series(0, 10000) as value`)
    t.match(await find('000000', '009999'), {
      count: 10_000, isMore: false, isCut: false, runs: [{ first: '000000', last: '009999' }]
    })
    t.match(await find('000000', '999999'), {
      count: 10_001, isMore: false, isCut: true, runs: [{ first: '000000', last: '009999' }]
    })
  })

  t.test(`counts no ${column} beyond 100,000`, async t => {
    const find = await store(t, `select lpad(value::text, 6, '0') from generate_series(0, 100000) as value`)
    t.match(await find('000000', '099999'), { count: 100_000, isMore: false, isCut: true })
    t.match(await find('000000', '999999'), { count: 100_000, isMore: true, isCut: true })
  })
}

t.test('distinguishes aliases by their sign and their width', async t => {
  const database = await demoSchema(t)
  await database.sql(`insert into loads (start, "end", count, class, ingroup, stype, charge_customer)
    values ('1', '1', 1, 1, 1, 'number', false)`)
  await database.sql(`insert into numbers (number, alias, class, ingroup, stype, load)
    select value, '+' || value, 1, 1, 'number', 1 from (values ('098'), ('099'), ('100')) as given (value)`)
  const find = finderOf(database, 'alias')
  t.match(await find('+000', '+999'), { count: 3, runs: [{ first: '+098', last: '+100' }] })
  t.equal(await find('000', '999'), undefined)
  t.equal(await find('0000', '9999'), undefined)
})
