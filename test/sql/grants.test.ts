import { readFile } from 'node:fs/promises'
import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { Database } from '../../lib/database/database.js'
import telcoNumbers from '../../lib/index.js'
import { NumberService } from '../../lib/service.js'
import { call, DATABASE_URL, demoSchema, type TestSchema } from '../support/host.js'
import { partitionScript } from '../support/partition-script.js'

const GRANTS = 'lib/sql/grants.sql'

interface Names {
  readonly schema: string
  readonly server: string
  readonly operator: string
}

interface Roles extends TestSchema {
  /** Connections with only the rights of the role. */
  readonly server: pg.Pool
  readonly operator: pg.Pool
}

/** A schema with the roles of the package's grants, which are applied as psql applies them. */
async function rolesOf (t: Test, prepare: (names: Names, sql: TestSchema['sql']) => Promise<unknown> = async () => {}): Promise<Roles> {
  const database = await demoSchema(t)
  const { schema, sql } = database
  const names = { schema, server: `${schema}_server`, operator: `${schema}_operator` }
  await sql(`create role ${names.server}; create role ${names.operator}`)
  let grants = await readFile(GRANTS, 'utf8')
  for (const [variable, name] of Object.entries(names)) grants = grants.replaceAll(`:"${variable}"`, pg.escapeIdentifier(name))
  await prepare(names, sql)
  for (const run of ['first', 'again']) await t.resolves(sql(grants), run)

  const poolOf = (role: string): pg.Pool => {
    const pool = new pg.Pool({ connectionString: DATABASE_URL, options: `-c role=${role} -c search_path=${schema}` })
    t.teardown(async () => {
      await pool.end()
      await sql(`drop owned by ${role}; drop role ${role}`)
    })
    return pool
  }
  return { ...database, server: poolOf(names.server), operator: poolOf(names.operator) }
}

const LOAD = { start: '100', end: '199', alias: '5000', class: 1, ingroup: 1, region: 1, customer: 3, charge_customer: 1 }

/** Statements that neither role may run: they change people, roles, prices, history or the schema itself. */
const FORBIDDEN = [
  'update people set enabled = false', 'insert into people (username, password_hash, role) values (\'x\', \'x\', 1)', 'delete from people',
  'update people set password_hash = \'\'', 'insert into roles_access values (2, \'system\')', 'delete from roles_access',
  'update roles set name = \'x\'', 'select from roles', 'update plan_classes set signup = 0', 'delete from plan_classes',
  'update plans set currency = \'USD\'', 'update customers set parent = null', 'update customers set plan = 1',
  'insert into customers (name) values (\'x\')', 'delete from customers', 'update classes set customer = null', 'delete from regions',
  'insert into ingroups (name) values (\'x\')', 'update transactions set amount = 0', 'delete from transactions',
  'insert into transactions overriding system value values (9, now(), 1, 1, \'x\', 1, 1, 1, 1)',
  'delete from loads', 'update loads set person = \'x\'', 'update loads set created_at = now()', 'update loads set count = 1',
  'update numbers set number = \'1\'', 'update numbers set load = 1', 'update changes set new_values = \'{}\'', 'delete from changes',
  'insert into changes (id, kind, start, "end", count, new_values) values (1, \'update\', \'1\', \'1\', 1, \'{}\')',
  'update changed_runs set class = 1', 'delete from changed_runs', 'truncate numbers', 'truncate loads', 'delete from telco_numbers_migrations',
  'create table x ()', 'drop table numbers', 'alter table numbers disable trigger all', 'drop trigger numbers_references_inserted on numbers',
  'select guard_references(\'class\', \'classes\')', 'create function x() returns integer language sql return 1'
]

const OWN_IDENTIFIER = `insert into loads (id, start, "end", count, charge_customer) overriding system value values (9, '1', '1', 1, false)`

t.test('lets the server role do everything, except change people, roles, prices or history', async t => {
  const { schema, server } = await rolesOf(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: server, schema, migrate: false, loginThrottle: { shared: true } })

  t.match(await call(app, LOAD), { data: { count: 100 } })
  t.match(await call(app, { ...LOAD, auth_password: 'wrong' }), { responses: [{ code: '401' }] })
  t.match(await call(app, { ...LOAD, validation: 1 }), { responses: [{ key: 'start' }, { key: 'alias' }] })
  t.match(await call(app, { start: '7', class: 1, ingroup: 1 }), { data: { count: 1 } })
  t.match((await app.telcoNumbers.create({ start: '8', class: 1, ingroup: 1, customer: 3, charge_customer: true, validation: true })).charges, [{}, {}])
  t.match(await app.telcoNumbers.listLoads(), [{}, {}])
  t.match(await app.telcoNumbers.get('7'), { load: '2' })
  t.equal(await app.telcoNumbers.count(), 101)
  for await (const { number } of app.telcoNumbers.list({ prefix: '7' })) t.equal(number, '7')
  t.match(await app.telcoNumbers.update({ number: '7', class: 2, alias: '77' }), { id: '3', count: 1 })
  t.match(await app.telcoNumbers.delete({ number: '7' }), { id: '4', count: 1 })
  t.match(await app.telcoNumbers.undo('4', { with: ['3'] }), { count: 1, with: [{ id: '3' }] })
  t.match(await app.telcoNumbers.undo('1', { dryRun: true }), { count: 100 })
  t.match(await app.telcoNumbers.undo('1', { person: 'user' }), { count: 100 })
  t.match(await app.telcoNumbers.getLoad('1'), { transactions: [{}, {}, {}, {}] })
  for (const statement of [...FORBIDDEN, OWN_IDENTIFIER]) {
    await t.rejects(server.query(statement), { code: '42501' }, statement)
  }
})

t.test('lets the operator role list, quote, change and undo, but not load numbers or read hashes', async t => {
  const { schema, server, operator, sql } = await rolesOf(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: server, schema, migrate: false })
  t.match(await call(app, LOAD), { data: { count: 100 } })

  const database = new Database({ pool: operator, schema, limits: { lockTimeout: 5_000, statementTimeout: 60_000 } })
  const service = new NumberService(database, { maxRange: 1_000, maxWaiting: 1, queueTimeout: 5_000 }, console)
  t.match(await service.listLoads(), [{ count: 100 }])
  t.match(await service.create({ start: '8', class: 1, ingroup: 1, customer: 3, charge_customer: true, validation: true }), { charges: [{}, {}] })
  t.match(await service.update({ number: '100', end: '199', region: 0 }), { id: '2', count: 100 })
  t.match(await service.update({ number: '100', end: '199', region: 1 }), { id: '3', count: 100 })
  t.match(await service.delete({ number: '100', end: '109' }), { count: 10 })
  const [{ id } = { id: '' }] = await sql<{ id: string }>(`select id from changes where kind = 'delete'`)
  t.match(await service.undo(id, { person: 'operator' }), { kind: 'delete', count: 10 })
  t.match(await service.undo('1', { person: 'operator' }), { count: 100, reversals: [{}, {}] })
  t.match(await service.getLoad('1'), { undoneBy: 'operator', transactions: [{}, {}, {}, {}] })
  t.match(await service.history('100'), [{ kind: 'load' }, {}, {}, {}, {}, {}])
  for (const statement of [
    ...FORBIDDEN, 'select password_hash from people', 'select from login_failures', 'update loads set charged = 0',
    'insert into loads (start, "end", count, class, ingroup, stype, charge_customer) values (\'1\', \'1\', 1, 1, 1, \'number\', false)'
  ]) {
    await t.rejects(operator.query(statement), { code: '42501' }, statement)
  }
})

t.test('lets only the owner create triggers with the trigger functions', async t => {
  const { sql, schema } = await demoSchema(t)
  const role = `${schema}_guest`
  await sql(`create role ${role}; create schema ${role} authorization ${role}; grant usage on schema ${schema} to ${role}`)
  const guest = new pg.Pool({ connectionString: DATABASE_URL, options: `-c role=${role} -c search_path=${role}` })
  t.teardown(async () => {
    await guest.end()
    await sql(`set client_min_messages = warning; drop owned by ${role} cascade; drop role ${role}`)
  })
  await guest.query('create table probe (id integer)')
  for (const [name, when] of Object.entries({
    refuse_referenced: 'after delete', check_number_references: 'after insert', refuse_customer_cycle: 'after insert'
  })) {
    await t.rejects(guest.query(`create trigger probe ${when} on probe for each row execute function ${schema}.${name}('number', 'id')`), {
      code: '42501'
    }, name)
  }
})

t.test('takes away no rights on tables, functions and sequences that are not of the plugin', async t => {
  const { schema, sql } = await rolesOf(t, async ({ server, operator }, sql) => await sql(`
    create table of_host (id integer generated always as identity primary key);
    create function of_host() returns integer language sql return 1; create function find_people(text) returns integer language sql return 1;
    grant all on of_host to ${server}, ${operator}`))
  for (const [role, reads] of [['server', true], ['operator', true], ['guest', false]] as const) {
    await sql(`do $$ begin if to_regrole('${schema}_${role}') is null then create role ${schema}_${role}; end if; end $$`)
    t.match(await sql(`select has_table_privilege($1, 'of_host', 'select, insert, update, delete') as writes,
      has_function_privilege($1, 'of_host()', 'execute') as executes, has_function_privilege($1, 'find_people(text)', 'execute') as finds,
      has_sequence_privilege($1, 'of_host_id_seq', 'select') as "readsSequence"`, [`${schema}_${role}`]), [
      { writes: reads, executes: true, finds: true, readsSequence: false }
    ], role)
  }
  await sql(`drop role ${schema}_guest`)
})

t.test('takes away all other rights on what the plugin has created, partitioned or not', async t => {
  const partition = async ({ schema }: Names, sql: TestSchema['sql']): Promise<unknown> => (
    await sql(await partitionScript(schema)))
  const spoil = async ({ schema, server, operator }: Names, sql: TestSchema['sql']): Promise<unknown> => await sql(`
    grant all on all tables in schema ${schema} to ${server}, ${operator}; grant execute on all functions in schema ${schema} to public`)
  for (const prepare of [async () => {}, partition]) {
    const granted = await rolesOf(t, prepare)
    const spoiled = await rolesOf(t, async (names, sql) => {
      await prepare(names, sql)
      await spoil(names, sql)
    })
    t.strictSame(await rightsIn(spoiled), await rightsIn(granted))
    t.strictSame((await rightsIn(spoiled)).filter(right => right.startsWith('public ')), [])
  }
})

/** Returns the rights of all roles except the owner, without the name of the schema. */
async function rightsIn ({ schema, sql }: Roles): Promise<string[]> {
  const rights = await sql<{ granted: string }>(`
    select concat_ws(' ', case grantee when 0 then 'public' else replace(grantee::regrole::text, $1::text, '') end, privilege_type, name) as granted
    from (
      select relname::text as name, relacl as acl, relowner as owner from pg_class where relnamespace = $1::text::regnamespace
      union all
      select concat(attrelid::regclass, '.', attname), attacl, relowner
      from pg_attribute join pg_class on pg_class.oid = attrelid where relnamespace = $1::text::regnamespace
      union all
      select proname, coalesce(proacl, acldefault('f', proowner)), proowner from pg_proc where pronamespace = $1::text::regnamespace
    ) as object, aclexplode(acl)
    where grantee <> owner
    order by 1`, [schema])
  return rights.map(({ granted }) => granted)
}
