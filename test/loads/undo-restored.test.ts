import t from 'tap'
import { demoHost } from '../support/host.js'

t.test('compares the numbers of a load that a restore has inserted in one transaction, whatever that transaction is', async t => {
  for (const omitted of ['', 'transaction_at']) {
    const host = await demoHost(t)
    const { pool, schema, sql, app } = host
    const { id } = await app.telcoNumbers.create({ start: '1000000', end: '1004999', class: 1, ingroup: 1, region: 1 })
    const load = String(id)
    await sql('update numbers set region = null')
    const columns = await sql<{ list: string }>(`select string_agg(quote_ident(column_name), ', ') as list from information_schema.columns
      where table_schema = $1 and table_name = 'loads' and is_generated = 'NEVER' and column_name <> $2`, [schema, omitted])
    const list = String(columns[0]?.list)
    await pool.query(`begin; set local search_path to ${schema}, pg_temp;
      create temp table dumped_loads on commit drop as select ${list} from loads;
      create temp table dumped_numbers on commit drop as select * from numbers;
      delete from numbers; delete from loads;
      insert into loads (${list}) overriding system value select ${list} from dumped_loads;
      insert into numbers select * from dumped_numbers; commit`)
    t.strictSame(await sql(`select count(distinct xmin::text)::integer
      from (select xmin from loads union all select xmin from numbers) as restored`), [{ count: 1 }])
    for (const dryRun of [true, false]) {
      await t.rejects(app.telcoNumbers.undo(load, { dryRun }), {
        code: 'TELCO_NUMBERS_UNDO_REFUSED', changes: [{ first: '1000000', last: '1004999', reason: 'changed', differs: ['region'] }]
      })
    }
    await sql('update numbers set region = 1')
    t.match(await app.telcoNumbers.undo(load), { count: 5_000 })
  }
})
