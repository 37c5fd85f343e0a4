import fastify from 'fastify'
import t, { type Test } from 'tap'
import { scriptGrants } from '../../lib/grants.js'
import telcoNumbers, { check } from '../../lib/index.js'
import { call, demoSchema, keysOf, type TestHost, type TestSchema } from '../support/host.js'
import { partitionScript } from '../support/partition-script.js'
import { keysOfRefusal } from '../support/refusal.js'
import { openSession } from '../support/session.js'

t.jobs = 4

const GOOD = { class: 1, ingroup: 1 }

const ROW = (number: string, alias = 'null', table = 'numbers') => `
  insert into ${table} (number, alias, class, ingroup, stype, load) values ('${number}', ${alias}, 1, 1, 'number', 1)`

/** Runs the script that an operator runs with psql. */
async function partitionNumbers ({ pool, schema }: TestSchema): Promise<void> {
  await pool.query(await partitionScript(schema))
}

async function hostOf (t: Test, database: TestSchema): Promise<TestHost> {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: database.pool, schema: database.schema, lockTimeout: 3_000 })
  return { ...database, app }
}

/** A host on partitioned tables with load 1, of number 9. */
async function partitionedHost (t: Test): Promise<TestHost> {
  const database = await demoSchema(t)
  await partitionNumbers(database)
  const host = await hostOf(t, database)
  await host.app.telcoNumbers.create({ ...GOOD, start: '9' })
  return host
}

async function partitionsOf ({ sql }: TestSchema): Promise<Record<string, number>> {
  const rows = await sql<{ partition: string, count: number }>(`
    select tableoid::regclass::text as partition, count(*)::integer from numbers group by tableoid order by 1`)
  return Object.fromEntries(rows.map(({ partition, count }) => [partition, count]))
}

/** Checks that the unique aliases are the expected ones, and those of the numbers. */
async function expectAliases (t: Test, { sql }: TestSchema, expected: string[]): Promise<void> {
  const kept = await sql<{ alias: string, number: string }>('select alias, number from number_aliases order by alias')
  t.strictSame(kept.map(row => row.alias), expected)
  t.strictSame(await sql('select alias, number from numbers where alias is not null order by alias'), kept)
}

t.test('adds, refuses and undoes numbers in every partition and across them', async t => {
  const host = await partitionedHost(t)
  const load = { ...GOOD, region: 1, customer: 3, charge_customer: 1 }
  t.match(await call(host.app, { ...load, start: '0999', end: '2000', alias: '+0001' }), { data: { count: 1002 } })
  t.match(await call(host.app, { ...load, start: '29990000', end: '30010000', alias: '50000' }), { data: { count: 20_001 } })
  t.match(await call(host.app, { ...load, start: '99', alias: '+1003' }), { data: { count: 1 } })
  t.strictSame(await partitionsOf(host), {
    numbers_from_start: 1, numbers_from_1: 1000, numbers_from_2: 1 + 10_000, numbers_from_3: 10_001, numbers_from_9: 2
  })
  t.match(await call(host.app, { ...GOOD, start: '0000', end: '9999' }), {
    responses: [{ key: 'start', message: '1002 of the 10000 numbers already exist: 0999 to 2000' }]
  })
  t.match(await call(host.app, { ...GOOD, start: '20000000', end: '29990000' }).then(keysOf), ['end'])
  t.match(await call(host.app, { ...GOOD, start: '40000', end: '59999', alias: '60000' }), {
    responses: [{ key: 'alias', message: '10001 of the 20000 aliases already exist: 60000 to 69999, and more' }]
  })
  t.match(await call(host.app, { ...GOOD, start: '7', alias: '+1003' }).then(keysOf), ['alias'])
  for await (const { number } of host.app.telcoNumbers.list({ alias: '50001' })) t.equal(number, '29990001')
  t.equal(await host.app.telcoNumbers.count({ alias: '50001' }), 1)
  for (const [id, count] of [['2', 1002], ['3', 20_001], ['4', 1]] as const) {
    t.match(await host.app.telcoNumbers.undo(id), { count })
  }
  t.strictSame(await partitionsOf(host), { numbers_from_9: 1 })
  t.strictSame(await host.sql('select from number_aliases'), [])
  t.strictSame(await host.sql('select balance from customers where balance <> 0'), [])
})

t.test('refuses to undo a load whose numbers have changed', async t => {
  const host = await partitionedHost(t)
  const { id } = await host.app.telcoNumbers.create({ ...GOOD, start: '195', end: '204', alias: '500' })
  await host.sql(`update numbers set class = 2 where number = '199'; update numbers set alias = '7' where number = '200';
    delete from numbers where number = '203'`)
  await t.rejects(host.app.telcoNumbers.undo(id ?? ''), {
    code: 'TELCO_NUMBERS_UNDO_REFUSED',
    changes: [
      { first: '199', last: '199', reason: 'changed', differs: ['class'] }, { first: '200', last: '200', reason: 'changed', differs: ['alias'] },
      { first: '203', last: '203', reason: 'gone' }
    ]
  })
})

t.test('changes and deletes numbers in every partition and across them', async t => {
  const host = await partitionedHost(t)
  await host.app.telcoNumbers.create({ ...GOOD, start: '29990000', end: '30010000', alias: '50000' })
  await host.app.telcoNumbers.create({ ...GOOD, start: '195', end: '204' })
  t.strictSame(await keysOfRefusal(host.app.telcoNumbers.update({ number: '29990000', end: '30009999', alias: '50001' })), ['alias'])
  t.match(await host.app.telcoNumbers.update({ number: '29990000', end: '30010000', class: 2, alias: '50001' }), { count: 20_001 })
  t.strictSame(await keysOfRefusal(host.app.telcoNumbers.update({ number: '195', end: '204', alias: '50000' })), ['alias'])
  t.match(await host.app.telcoNumbers.update({ number: '195', end: '204', alias: '195', customer: 3 }), { count: 10 })
  t.match(await host.sql('select change, first, last, alias from changed_runs order by change'), [
    { first: '29990000', last: '30010000', alias: '50000' }, { first: '195', last: '204', alias: null }
  ])
  t.match(await host.app.telcoNumbers.delete({ number: '29990000', end: '30010000' }), { count: 20_001 })
  const [{ id } = { id: '' }] = await host.sql<{ id: string }>(`select id from changes where kind = 'delete'`)
  t.match(await host.app.telcoNumbers.undo(id, { dryRun: true }), { count: 20_001 })
  await expectAliases(t, host, ['195', '196', '197', '198', '199', '200', '201', '202', '203', '204'])
})

t.test('keeps an alias unique across partitions in every kind of statement', async t => {
  const host = await partitionedHost(t)
  const { pool, sql } = host
  await sql(ROW('10', `'+1'`))
  for (const statement of [
    ROW('20', `'+1'`),
    ROW('20', `'+1'`, 'numbers_from_2'),
    `${ROW('20', `'+2'`)}, ('30', '+2', 1, 1, 'number', 1)`,
    `update numbers set alias = '+1' where number = '9'`,
    `update numbers_from_9 set alias = '+1'`,
    `${ROW('9')} on conflict (number) do update set alias = '+1'`,
    `merge into numbers using (values ('9')) as given (number) on numbers.number = given.number
      when matched then update set alias = '+1'`
  ]) {
    await t.rejects(pool.query(statement), { code: '23505', table: 'number_aliases' }, statement)
  }
  await expectAliases(t, host, ['+1'])
})

t.test('frees an alias that is changed or deleted, and no other', async t => {
  const host = await partitionedHost(t)
  const { sql } = host
  await sql(`${ROW('10', `'+1'`)}; ${ROW('20', `'+2'`)}; ${ROW('30', `'+3'`)}; ${ROW('40', `'+4'`)}`)
  await sql(`update numbers set class = 2, alias = alias`)
  await sql(`update numbers set alias = case number when '10' then '+2' else '+1' end where number in ('10', '20')`)
  await sql(`update numbers set number = '50' where number = '10'`)
  await expectAliases(t, host, ['+1', '+2', '+3', '+4'])
  await sql(`update numbers set alias = null where number = '20'; delete from numbers_from_5; truncate numbers_from_3`)
  await expectAliases(t, host, ['+4'])
  await sql(ROW('60', `'+1'`))
  await sql('truncate numbers')
  await expectAliases(t, host, [])
})

t.test('waits for a transaction with the same alias in another partition, and refuses the call when it commits', async t => {
  const host = await partitionedHost(t)
  const other = await openSession(t, host)
  await other.query(`begin; ${ROW('55', `'+7'`)}`)
  const waiting = host.app.telcoNumbers.create({ ...GOOD, start: '60', end: '69', alias: '+0' })
  await other.waitedFor()
  await other.query('commit')
  t.strictSame(await keysOfRefusal(waiting), ['alias'])
  await expectAliases(t, host, ['+7'])
})

t.test('checks the references of rows in a partition as in the whole table', async t => {
  const { pool } = await partitionedHost(t)
  for (const table of ['numbers', 'numbers_from_9']) {
    await t.rejects(pool.query(ROW('91', 'null', table).replace('1, 1,', '1, 77,')), {
      code: '23503', column: 'ingroup', constraint: 'numbers_ingroup_fkey'
    })
    await t.rejects(pool.query(`update ${table} set class = 77`), { code: '23503', column: 'class' })
  }
  await t.rejects(pool.query('delete from loads'), { code: '23503', column: 'load' })
})

t.test('finds, adds and deletes a long range in its own partition only', async t => {
  const host = await partitionedHost(t)
  const other = await openSession(t, host)
  await other.query('begin; lock table numbers_from_1, numbers_from_3, numbers_from_start')
  const { id } = await host.app.telcoNumbers.create({ ...GOOD, start: '2000000', end: '2019999' })
  t.match(await host.app.telcoNumbers.create({ ...GOOD, start: '2020000', end: '2039999', validation: true }), { count: 0 })
  t.match(await host.app.telcoNumbers.undo(id ?? ''), { count: 20_000 })
})

t.test('keeps the rows, indexes, triggers and grants of a table that is partitioned, and partitioned again', async t => {
  const database = await demoSchema(t)
  const host = await hostOf(t, database)
  const { app, pool, schema, sql } = host
  const reader = `reader_of_${schema}`
  await sql(`create role ${reader}`)
  t.teardown(() => pool.query(`drop owned by ${reader}; drop role ${reader}`))
  await sql(`grant usage on schema ${schema} to ${reader}; grant select, delete on numbers to ${reader};
    grant select on numbers to public; grant update (customer), select (alias) on numbers to ${reader} with grant option;
    comment on table numbers is 'Ours'; create table owners (id integer primary key); insert into owners values (1);
    alter table numbers add foreign key (class) references owners; create index numbers_of_customers on numbers (customer);
    create table seen (number text);
    create function see() returns trigger language plpgsql as $$ begin insert into ${schema}.seen values (new.number); return null; end $$;
    create trigger see after insert on numbers for each row execute function see()`)
  await app.telcoNumbers.create({ ...GOOD, start: '1995', end: '2004', alias: '700' })
  await partitionNumbers(database)
  t.strictSame(await partitionsOf(host), { numbers_from_1: 5, numbers_from_2: 5 })
  await sql(`select partition_numbers('{1,19,199,2,2003}')`)
  t.strictSame(await partitionsOf(host), { numbers_from_199: 5, numbers_from_2: 3, numbers_from_2003: 2 })

  await expectAliases(t, host, Array.from({ length: 10 }, (_, place) => String(700 + place)))
  await t.rejects(pool.query(ROW('5', `'700'`, 'numbers_from_2003').replace(`'5'`, `'2009'`)), { code: '23505' })
  t.match(await app.telcoNumbers.undo('1'), { count: 10 })
  t.match(await app.telcoNumbers.create({ ...GOOD, start: '2' }), { count: 1 })
  t.strictSame(await sql('select count(*)::integer from seen'), [{ count: 11 }], 'its own trigger for each row')
  t.strictSame(await sql(`select indexrelid::regclass::text as index, indisvalid from pg_index
    where indrelid = 'numbers'::regclass order by 1`), [
    { index: 'numbers_of_customers', indisvalid: true }, { index: 'numbers_pkey', indisvalid: true }
  ])
  t.strictSame(await sql(`select has_table_privilege($1, 'numbers', 'delete') as deletes,
    has_table_privilege($1, 'numbers', 'insert') as inserts,
    has_column_privilege($1, 'numbers', 'customer', 'update with grant option') as grants,
    has_column_privilege($1, 'numbers', 'class', 'update') as updates,
    obj_description('numbers'::regclass, 'pg_class') as comment`, [reader]), [
    { deletes: true, inserts: false, grants: true, updates: false, comment: 'Ours' }
  ])
  await t.rejects(sql('update numbers set class = 2'), { code: '23503', constraint: 'numbers_class_fkey' })
  t.strictSame(await sql(`select from pg_class where relname like 'numbers_before%' and relnamespace = '${schema}'::regnamespace`), [])
})

t.test('lets the server role change numbers after the table is partitioned, and partitioned again', async t => {
  const database = await demoSchema(t)
  const { pool, schema, sql } = database
  const roles = { server: `server_of_${schema}`, operator: `operator_of_${schema}` }
  await sql(`create role ${roles.server}; create role ${roles.operator}`)
  t.teardown(() => pool.query(`drop owned by ${roles.server}, ${roles.operator}; drop role ${roles.server}, ${roles.operator}`))
  await sql(scriptGrants(schema, roles))
  const rights = async (): Promise<unknown> => await sql(`
    select role, attname, privilege, has_column_privilege(role, 'numbers', attname, privilege) as may
    from unnest($1::text[]) as role, pg_attribute, unnest('{select,insert,update}'::text[]) as privilege
    where attrelid = 'numbers'::regclass and attnum > 0 order by 1, 2, 3`, [Object.values(roles)])
  const granted = await rights()
  await partitionNumbers(database)
  t.strictSame(await rights(), granted)
  await sql(`select partition_numbers('{5}')`)
  t.strictSame(await rights(), granted)
})

t.test('refuses to partition numbers with what the new table would lose', async t => {
  const database = await demoSchema(t)
  const { schema, sql } = database
  for (const [make, drop, message] of [
    [`create publication ${schema} for table numbers`, `drop publication ${schema}`, /publication .* contains it/],
    ['create policy hides on numbers', 'drop policy hides on numbers', /the policy hides/],
    ['create rule ignores as on delete to numbers do instead nothing', 'drop rule ignores on numbers', /the rule ignores/],
    ['alter table numbers disable trigger numbers_digits_updated', 'alter table numbers enable trigger numbers_digits_updated', /not in its default state/]
  ] as const) {
    await sql(make)
    await t.rejects(partitionNumbers(database), { code: '55000', message }, make)
    await sql(drop)
  }
  await sql(`create role ${schema}_owner superuser`)
  await t.rejects(sql(`begin; set local role ${schema}_owner; ${await partitionScript(schema)}`), {
    code: '55000', message: /its owner is/
  })
  await sql(`drop role ${schema}_owner`)
  await t.resolves(partitionNumbers(database))
})

t.test('replies 400 to an alias that only number_aliases has, as after a partition is detached, with and without validation', async t => {
  const host = await partitionedHost(t)
  await host.sql(ROW('10', `'+05'`))
  await host.sql('alter table numbers detach partition numbers_from_1')
  for (const parameters of [{ start: '20' }, { start: '20', end: '29' }, { start: '20', validation: 1 }]) {
    t.match(await call(host.app, { ...GOOD, alias: '+05', ...parameters }), {
      responses: [{ code: '400', key: 'alias', message: /already exists: \+05$/ }]
    })
  }
})

t.test('reports an alias that number_aliases lacks, or gives to another number', async t => {
  const { pool, schema, sql } = await partitionedHost(t)
  await sql(`${ROW('10', `'+1'`)}; ${ROW('20', `'+2'`)}; ${ROW('30', `'+3'`)}`)
  const found = async () => (await check(pool, schema, { references: true })).filter(({ message }) => message.includes('alias'))
  t.strictSame(await found(), [])
  await sql(`update number_aliases set number = '40' where alias = '+1'; delete from number_aliases where alias = '+2'`)
  t.match(await found(), [
    { message: 'numbers with the alias +1: 1; its number in the view aliases: 40' },
    { message: 'numbers with the alias +2: 1; its number in the view aliases: none' }
  ])
})

t.test('refuses to truncate at REPEATABLE READ, which misses the aliases of rows that were added meanwhile', async t => {
  const host = await partitionedHost(t)
  await host.sql(ROW('10', `'+1'`))
  for (const table of ['numbers', 'numbers_from_1']) {
    await t.rejects(host.sql(`begin isolation level repeatable read; truncate ${table}`), { code: '0A000' })
  }
  await expectAliases(t, host, ['+1'])
})

t.test('keeps aliases for a writer with session_replication_role = replica', async t => {
  const host = await partitionedHost(t)
  const { sql } = host
  for (const statement of [ROW('10', `'+1'`), ROW('20', `'+2'`, 'numbers_from_2'), `update numbers set alias = '+3' where number = '20'`]) {
    await sql(`begin; set local session_replication_role = replica; ${statement}; commit`)
  }
  await expectAliases(t, host, ['+1', '+3'])
  await sql('update loads set count = 3')
  t.strictSame(await check(host.pool, host.schema, { references: true }), [])
  await sql('alter table numbers disable trigger numbers_aliases_inserted')
  t.match(await check(host.pool, host.schema), [{ message: /^trigger numbers_aliases_inserted of numbers/ }])
})
