import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import telcoNumbers, { check } from '../lib/index.js'
import { DATABASE_URL, demoHost, demoSchema, type TestSchema } from './support/host.js'
import { run } from './support/command-line.js'

t.jobs = 3

const GOOD = { class: 1, ingroup: 1 }

async function messagesOf ({ pool, schema }: TestSchema, references = false): Promise<string[]> {
  return (await check(pool, schema, { references })).map(({ message }) => message)
}

async function refusesToRegister (t: Test, { pool, schema }: TestSchema, message: RegExp, options = {}): Promise<void> {
  const app = fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => { await app.register(telcoNumbers, { pool, schema, ...options }) }, {
    code: 'TELCO_NUMBERS_DATABASE_UNFIT', message
  })
}

t.test('finds nothing in a healthy database', async t => {
  const host = await demoHost(t)
  const { id } = await host.app.telcoNumbers.create({ ...GOOD, start: '100', end: '199', alias: '+5000' })
  await host.app.telcoNumbers.create({ ...GOOD, start: '300', end: '399', alias: '+6000', customer: 3, charge_customer: true })
  await host.app.telcoNumbers.undo(String(id))
  await host.sql(`delete from numbers where number = '300'`)
  t.strictSame(await messagesOf(host, true), [])
  const environment = { DATABASE_URL, SCHEMA: host.schema }
  t.match(await run(['check', '--references'], environment), { status: 0, out: `No faults found in schema ${host.schema}.` })
})

const FAULTS: ReadonlyArray<readonly [name: string, sql: string, finding: RegExp]> = [
  ['a sequence that is behind its table', `select setval('loads_id_seq', 1, false)`, /^the sequence of loads is behind/],
  ['a reference without its trigger', 'drop trigger numbers_class_deleted on classes', /^numbers can lose what they refer to as class/],
  ['a disabled trigger', 'alter table numbers disable trigger numbers_references_inserted', /^trigger numbers_references_inserted of .*numbers is/],
  ['a foreign key that was dropped', 'alter table classes drop constraint classes_customer_fkey', /^the foreign key of .*classes\.customer is missing/],
  ['a column that is missing', 'alter table classes drop column transaction_text_create', /transaction_text_create does not exist/],
  ['identifiers of a type that cannot work', 'alter table customers drop column plan; alter table customers add plan uuid', /uuid/],
  ['people without a column', 'alter table people drop column enabled', /column people\.enabled does not exist/],
  ['a view with a WHERE', 'alter table regions rename to areas; create view regions as select * from areas where id > 0', /^view .*regions is not plain/],
  ['a view with a join', `alter table ingroups rename to groups;
    create view ingroups as select groups.* from groups join (values (1), (2), (3)) as chosen (id) using (id)`, /^view .*ingroups is not plain/]
]
for (const [name, sql, finding] of FAULTS) {
  t.test(`finds ${name}, and refuses it at registration`, async t => {
    const host = await demoHost(t)
    await host.app.telcoNumbers.create({ ...GOOD, start: '100' })
    await host.sql(sql)
    const messages = await messagesOf(host)
    t.ok(messages.some(message => finding.test(message)), messages.join('\n'))
    await refusesToRegister(t, host, /remedy: /)
  })
}

t.test('names row level security, whose hidden rows would look like missing tables', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ ...GOOD, start: '100' })
  await host.sql('alter table numbers enable row level security, force row level security')
  const role = `${host.schema}_owner`
  await host.sql(`create role ${role}; grant usage, create on schema ${host.schema} to ${role}; alter table numbers owner to ${role};
    alter table classes owner to ${role}; alter function refuse_referenced owner to ${role}`)
  t.teardown(() => host.sql(`drop owned by ${role} cascade; drop role ${role}`).catch(() => {}))
  await t.rejects(host.sql(`set role ${role}; delete from classes where id = 1`), { code: '42501', message: /row-level security/ })
  await host.sql('reset role')
  await t.rejects(messagesOf(host), { code: 'TELCO_NUMBERS_DATABASE_UNFIT', message: /row level security hides rows of .*numbers/ })
  await refusesToRegister(t, host, /row level security/)
  const environment = { DATABASE_URL, SCHEMA: host.schema }
  t.match(await run(['loads'], environment), { status: 1, err: /row level security.*; remedy: alter table/ })
})

t.test('refuses a renamed schema, whose functions search the old one, until the printed statements are run', async t => {
  const { schema, sql, ...database } = await demoSchema(t)
  const renamed = `${schema}_renamed`
  await sql(`alter schema ${schema} rename to ${renamed}; create schema ${schema}`)
  t.teardown(() => database.pool.query(`drop schema ${renamed} cascade`).catch(() => {}))
  const host = { ...database, sql, schema: renamed }
  await refusesToRegister(t, host, /find_people\(.*searches another schema/)
  for (const { remedy } of await check(database.pool, renamed)) if (remedy.startsWith('alter function')) await sql(remedy)
  t.strictSame(await messagesOf(host), [])
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: database.pool, schema: renamed })
  t.match(await app.telcoNumbers.create({ ...GOOD, start: '100' }), { count: 1 })
})

t.test('finds each right that the role lacks', async t => {
  const database = await demoSchema(t)
  const { schema, sql } = database
  const role = `${schema}_reader`
  await sql(`create role ${role}`)
  const pool = new pg.Pool({ connectionString: DATABASE_URL, options: `-c role=${role}` })
  t.teardown(async () => {
    await pool.end()
    await sql(`drop owned by ${role}; drop role ${role}`)
  })
  await refusesToRegister(t, { ...database, pool }, /may not use schema/)
  await sql(`grant usage on schema ${schema} to ${role}; grant select on all tables in schema ${schema} to ${role}`)
  await refusesToRegister(t, { ...database, pool }, /permission denied for table numbers.*grants/)
  const loginThrottle = { shared: true }
  await refusesToRegister(t, { ...database, pool }, /permission denied for table login_failures/, { loginThrottle })
  await sql(`drop schema ${schema} cascade`)
  await refusesToRegister(t, { ...database, pool }, /may not migrate schema .*permission denied for database/)
})

t.test('refuses a database that is not UTF-8', async t => {
  const database = await demoSchema(t)
  const name = `${database.schema}_latin1`
  await database.sql(`create database ${name} template template0 encoding 'LATIN1' locale 'C'`)
  const url = new URL(DATABASE_URL)
  url.pathname = name
  const pool = new pg.Pool({ connectionString: url.href })
  t.teardown(async () => {
    await pool.end()
    await database.sql(`drop database ${name}`)
  })
  await refusesToRegister(t, { ...database, pool }, /must have the encoding UTF8, not LATIN1/)
})

t.test('does not need the tables of people that a host with its own authentication has dropped', async t => {
  const database = await demoSchema(t)
  await database.sql('drop table people, roles_access, roles')
  t.strictSame(await messagesOf(database), [])
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: database.pool, schema: database.schema, authenticate: () => null })
  await refusesToRegister(t, database, /"people" does not exist/)
})

t.test('finds invalid references, aliases and counts', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ ...GOOD, start: '100', end: '102' })
  await host.sql(`set session_replication_role = replica; update numbers set class = 77; reset session_replication_role;
    update loads set count = 2`)
  t.strictSame(await messagesOf(host, true), [
    '3 numbers refer to class 77, which does not exist', 'load 1 has 3 numbers, but should have 2'
  ])
  await host.sql('delete from numbers')
  t.strictSame(await messagesOf(host, true), ['numbers is empty, but some loads were not undone'])
  t.match(await run(['check', '--references', '--json'], { DATABASE_URL, SCHEMA: host.schema }), {
    status: 1, out: /"findings": \[/, err: /numbers is empty.*; remedy: restore/
  })
})
