import t, { type Test } from 'tap'
import { contentOf } from './endpoint.js'
import { demoSchema, type TestSchema } from './host.js'

/** Runs `change` as a test with demo data, and returns the schemas of that test and the next one, with the content of both. */
async function schemasAround (t: Test, change: (database: TestSchema) => Promise<unknown>) {
  const found: Array<{ schema: string, content: unknown }> = []
  for (const work of [change, () => Promise.resolve()]) {
    await t.test(async t => {
      const database = await demoSchema(t)
      found.push({ schema: database.schema, content: await contentOf(database) })
      await work(database)
    })
  }
  const [first, next] = found
  return { isSame: first?.schema === next?.schema, first: first?.content, next: next?.content }
}

t.test('a schema in which a test has only changed rows is restored for the next test', async t => {
  const { isSame, first, next } = await schemasAround(t, ({ sql }) => sql(`
    insert into roles (name) values ('Another');
    update customers set balance = 5;
    delete from plan_classes;
    insert into loads (start, "end", count, charge_customer) values ('1', '1', 1, false);
    insert into numbers (number, class, ingroup, stype, load) values ('1', 1, 1, 'number', 1);
    insert into telco_numbers_migrations (version, name) values (99, 'newer')`))
  t.equal(isSame, true)
  t.strictSame(next, first)
})

for (const change of [
  'create table another (id integer)', 'create view another as select 1', 'create type another as enum (\'a\')',
  'alter table loads add another integer', 'alter table loads disable trigger all', 'alter table loads rename to others',
  'alter table numbers set (fillfactor = 50)', 'alter sequence loads_id_seq increment 2', 'alter table loads alter person set default 1',
  'drop index numbers_alias_key', 'grant select on loads to public', 'alter table loads enable row level security',
  'comment on table loads is \'Another\'', 'alter function next_change_id() cost 7', 'analyze customers'
]) {
  t.test(`no other test gets a schema after: ${change}`, async t => {
    t.equal((await schemasAround(t, ({ sql }) => sql(change))).isSame, false)
  })
}
