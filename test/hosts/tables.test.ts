import fastify from 'fastify'
import t, { type Test } from 'tap'
import telcoNumbers from '../../lib/index.js'
import { hashPassword } from '../../lib/people/passwords.js'
import { migrate } from '../../lib/migrate.js'
import { call, emptySchema, keysOf, type TestHost } from '../support/host.js'
import { keysOfRefusal } from '../support/refusal.js'
import { openSession } from '../support/session.js'

/** The documented SQL for a host that has its own tables of customers, classes, groups, regions and people. */
function useHostTables (plugin: string, host: string): string {
  return `
    begin;
    create schema ${host};
    create table ${host}.accounts (account_id integer primary key, title text, reseller integer, tariff integer, credit numeric);
    create table ${host}.number_types (type_id integer primary key, title text);
    create table ${host}.areas (area_id integer primary key, title text);
    create table ${host}.sites (site_id integer primary key, title text);
    create table ${host}.logins (login text primary key, hash text, is_admin boolean);

    drop table ${plugin}.people, ${plugin}.roles_access, ${plugin}.roles;
    drop table ${plugin}.ingroups, ${plugin}.regions, ${plugin}.classes, ${plugin}.customers cascade;

    create view ${plugin}.customers as
      select account_id as id, title as name, reseller as parent, tariff as plan, credit as balance from ${host}.accounts;
    create view ${plugin}.classes as
      select type_id as id, title as name, null::integer as customer, null as transaction_text_create from ${host}.number_types;
    create view ${plugin}.ingroups as select area_id as id, title as name from ${host}.areas;
    create view ${plugin}.regions as select site_id as id, title as name from ${host}.sites;
    create view ${plugin}.people as
      select login as username, hash as password_hash, is_admin::integer as role, true as enabled from ${host}.logins;
    create view ${plugin}.roles_access as select 1 as role, 'system' as privilege;

    select ${plugin}.guard_references('customer', '${host}.accounts', 'account_id');
    select ${plugin}.guard_references('class', '${host}.number_types', 'type_id');
    select ${plugin}.guard_references('ingroup', '${host}.areas', 'area_id');
    select ${plugin}.guard_references('region', '${host}.sites', 'site_id');
    alter table ${plugin}.transactions add foreign key (customer) references ${host}.accounts;
    alter table ${plugin}.plan_classes add foreign key (class) references ${host}.number_types on delete cascade;
    commit;

    insert into ${host}.accounts values (1, 'Owner', null, null, 0), (7, 'Customer', 1, 1, 100);
    insert into ${host}.number_types values (1, 'Normal');
    insert into ${host}.areas values (1, 'New York');
    insert into ${host}.sites values (1, 'Americas');
    insert into ${plugin}.plans (id, name, currency) values (1, 'Retail', 'EUR');
    insert into ${plugin}.plan_classes (plan, class, signup, fee) values (1, 1, 0.25, 0)`
}

async function hostWithTables (t: Test): Promise<TestHost & { tables: string }> {
  const database = await emptySchema(t)
  const tables = `${database.schema}_host`
  t.teardown(() => database.pool.query(`drop schema ${tables} cascade`).catch(() => {}))
  await migrate(database.pool, database.schema)
  await database.sql(useHostTables(database.schema, tables))
  await database.sql(`insert into ${tables}.logins values ('user', $1, true)`, [await hashPassword('password')])
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: database.pool, schema: database.schema })
  return { ...database, app, tables }
}

const GOOD = { start: '100', end: '199', class: 1, ingroup: 1, region: 1, customer: 7 }

t.test('uses the tables of a host through views', async t => {
  const { app, sql, tables } = await hostWithTables(t)
  t.match(await call(app, { ...GOOD, charge_customer: 1 }), { data: { count: 100 } })
  t.strictSame(await sql(`select credit from ${tables}.accounts where account_id = 7`), [{ credit: '75.00' }])
  t.match(await app.telcoNumbers.undo('1'), { reversals: [{ customer: 7, customerName: 'Customer', amount: '25.00' }] })
  t.strictSame(await sql(`select credit from ${tables}.accounts where account_id = 7`), [{ credit: '100.00' }])
  t.strictSame(keysOf(await call(app, { ...GOOD, class: 2, ingroup: 2, region: 2, customer: 2 })), [
    'class', 'ingroup', 'customer', 'region'
  ])
})

t.test('changes and deletes numbers that refer to the tables of a host', async t => {
  const { app, sql } = await hostWithTables(t)
  await call(app, { ...GOOD, customer: 0 })
  t.strictSame(await keysOfRefusal(app.telcoNumbers.update({ number: '100', class: 9, customer: 9, region: 9, ingroup: 9 })), [
    'class', 'customer', 'region', 'ingroup'
  ])
  t.match(await app.telcoNumbers.update({ number: '100', end: '149', customer: 7, class: 1 }), { count: 50 })
  t.match(await app.telcoNumbers.delete({ number: '100', end: '199' }), { count: 100 })
  t.match(await sql('select first, last, customer from changed_runs where change = (select max(id) from changes) order by first'), [
    { first: '100', last: '149', customer: 7 }, { first: '150', last: '199', customer: null }
  ])
})

t.test('caches the people of a host for single numbers, and notices their changes immediately', async t => {
  const { app, sql, tables } = await hostWithTables(t)
  const single = { class: 1, ingroup: 1 }
  t.match(await call(app, { ...single, start: '1' }), { data: { count: 1 } })
  t.match(await call(app, { ...single, start: '2' }), { data: { count: 1 } })
  await sql(`update ${tables}.logins set is_admin = false`)
  t.match(await call(app, { ...single, start: '3' }), { responses: [{ code: '402' }] })
})

t.test('accepts other types of text in the people of a host', async t => {
  const { app, sql, schema, tables } = await hostWithTables(t)
  await sql(`drop view ${schema}.people`)
  await sql(`alter table ${tables}.logins alter login type varchar(50), alter hash type varchar(200)`)
  await sql(`create view ${schema}.people as
    select login as username, hash as password_hash, is_admin::integer as role, true as enabled from ${tables}.logins`)
  await sql(`drop view ${schema}.roles_access`)
  await sql(`create view ${schema}.roles_access as select 1 as role, 'system'::varchar as privilege`)
  t.match(await call(app, { start: '1', class: 1, ingroup: 1 }), { data: { count: 1 } })
  t.match(await call(app, { start: '2', class: 1, ingroup: 1 }), { data: { count: 1 } })
})

t.test('refuses to delete or renumber a row of the host that numbers refer to', async t => {
  const { app, sql, tables } = await hostWithTables(t)
  await call(app, GOOD)
  for (const [table, column] of [['accounts', 'account_id'], ['number_types', 'type_id'], ['areas', 'area_id'], ['sites', 'site_id']]) {
    const row = `where ${column} = ${table === 'accounts' ? 7 : 1}`
    await t.rejects(sql(`delete from ${tables}.${table} ${row}`), { code: '23503' })
    await t.rejects(sql(`update ${tables}.${table} set ${column} = 99 ${row}`), { code: '23503' })
    await t.rejects(sql(`truncate ${tables}.${table} cascade`), { code: '23503' })
  }
  await t.rejects(sql('update numbers set ingroup = 5'), { code: '23503', column: 'ingroup' })
  await sql('delete from numbers')
  await sql(`delete from ${tables}.areas`)
})

t.test('delays the deletion of a row of the host until a load that refers to it is done', async t => {
  const host = await hostWithTables(t)
  const [loading, deleting] = [await openSession(t, host), await openSession(t, host)]
  await loading.query('begin')
  await loading.query(`insert into loads (start, "end", count, class, ingroup, stype, charge_customer) values ('5', '5', 1, 1, 1, 'number', false)`)
  await loading.query(`insert into numbers (number, class, ingroup, stype, load) values ('5', 1, 1, 'number', (select max(id) from loads))`)
  const deletion = await deleting.blocked(`delete from ${host.tables}.areas`)
  await loading.query('commit')
  await t.rejects(deletion.outcome, { code: '23503' })
  t.strictSame(keysOf(await call(host.app, { ...GOOD, start: '5', end: '' })), ['start'])
})

t.test('refuses to guard a table whose identifier is not a key', async t => {
  const { sql, tables } = await hostWithTables(t)
  await sql(`create table ${tables}.zones (zone_id integer, title text)`)
  await t.rejects(sql(`select guard_references('region', '${tables}.zones', 'zone_id')`), { code: '42830' })
})
