import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { Database } from '../../lib/database/database.js'
import telcoNumbers from '../../lib/index.js'
import { call, callOf, DATABASE_URL, demoSchema, type TestHost } from '../support/host.js'

const GOOD = { class: 1, ingroup: 1 }

const { INT4, INT8, NUMERIC, TIMESTAMPTZ, BOOL, JSONB } = pg.types.builtins

/** A host on a pool whose connections have settings as a host, a role or a database may give them. */
async function hostWith (t: Test, settings: readonly string[]): Promise<TestHost> {
  const database = await demoSchema(t)
  const pool = new pg.Pool({ connectionString: DATABASE_URL, options: settings.map(setting => `-c ${setting}`).join(' ') })
  t.teardown(() => pool.end())
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema: database.schema, loginThrottle: { shared: true } })
  return { ...database, pool, app }
}

async function exercise (t: Test, { app }: TestHost): Promise<void> {
  const wrong = { ...GOOD, start: '8', validation: 1 }
  const codes = await Promise.all(['a', 'b', 'c', 'd'].map(async auth_password => (
    (await app.inject(callOf({ ...wrong, auth_password }))).statusCode)))
  t.strictSame(codes, [401, 401, 401, 401])
  t.match(await call(app, { ...GOOD, start: '9' }), { data: { count: 1 } })
  t.match(await app.telcoNumbers.get('9'), { number: '9', load: '1' })
  const { id } = await app.telcoNumbers.create({ ...GOOD, start: '100', end: '109', customer: 3, charge_customer: true })
  t.match(await app.telcoNumbers.getLoad(String(id)), {
    id: '2', count: 10, charged: '25.00', chargeCustomer: true, createdAt: Date, undoneAt: null,
    transactions: [{ id: '1', createdAt: Date, customer: 2, amount: '-10.00' }, { id: '2', amount: '-15.00' }]
  })
  t.ok(Math.abs(Number((await app.telcoNumbers.getLoad(String(id))).createdAt) - Date.now()) < 600_000)
  t.match(await app.telcoNumbers.listLoads(), [{ id: '2', createdAt: Date }, { id: '1' }])
  t.match(await app.telcoNumbers.undo(String(id)), { reversals: [{ customer: 3, amount: '15.00' }, { customer: 2, amount: '10.00' }] })
  t.match(await app.telcoNumbers.import('number,alias\n301,\n302,\n305,77', GOOD), { count: 3 })
  await t.rejects(app.telcoNumbers.undo(String(id)), { code: 'TELCO_NUMBERS_RECORD_UNDONE', message: /^load 2 was undone at 20\d\d-/ })
}

t.test('returns the same results with any parsers that the host sets for the types of pg', async t => {
  const types = [INT4, INT8, NUMERIC, TIMESTAMPTZ, BOOL, JSONB]
  for (const parser of [BigInt, () => undefined]) {
    for (const type of types) pg.types.setTypeParser(type, parser)
    await exercise(t, await hostWith(t, []))
  }
})

t.test('works with any style of dates, isolation level and access mode that the database has by default', async t => {
  for (const settings of [
    ['datestyle=German', 'timezone=Asia/Kolkata', 'standard_conforming_strings=off', 'transform_null_equals=on', 'search_path='],
    ['array_nulls=off', 'bytea_output=escape', 'intervalstyle=sql_standard', 'extra_float_digits=-15', 'quote_all_identifiers=on'],
    ['default_transaction_isolation=repeatable\\ read', 'default_transaction_read_only=on'],
    ['default_transaction_isolation=serializable', 'default_transaction_deferrable=on', 'datestyle=SQL,DMY']
  ]) {
    await t.test(settings.join(', '), async t => exercise(t, await hostWith(t, settings)))
  }
})

t.test('receives the warning of an unconfirmed commit, whatever messages the role hides', async t => {
  const { app, sql } = await hostWith(t, ['client_min_messages=error'])
  await sql(`create function refuse_silence() returns trigger language plpgsql as $$
    begin
      if current_setting('client_min_messages') <> 'warning' then raise exception 'hidden'; end if;
      return null;
    end $$`)
  await sql('create constraint trigger silence after insert on loads deferrable initially deferred for each row execute function refuse_silence()')
  for (const numbers of [{ start: '9' }, { start: '10', end: '19' }, { start: '8', customer: 3, charge_customer: 1 }]) {
    t.match(await call(app, { ...GOOD, ...numbers }), { responses: [{ code: '200' }] }, JSON.stringify(numbers))
  }
})

t.test('plans its statements alike, whatever the planner may do by default', async t => {
  const usual = {
    jit: 'off', plan_cache_mode: 'auto', enable_nestloop: 'on', enable_hashjoin: 'on', enable_mergejoin: 'on', enable_indexscan: 'on',
    enable_material: 'on', enable_sort: 'on', array_nulls: 'on', client_min_messages: 'warning'
  }
  const other = Object.entries({ ...usual, jit_above_cost: '0' }).map(([name, value]) => (
    `${name}=${({ on: 'off', off: 'on', auto: 'force_generic_plan', warning: 'error' })[value] ?? value}`))
  const host = await hostWith(t, other)
  const { pool, schema } = host
  const database = new Database({ pool, schema, limits: { lockTimeout: 5_000, statementTimeout: 60_000 } })
  for (const work of [database.transaction.bind(database), database.snapshot.bind(database)]) {
    const { rows } = await work(async query => await query<{ name: string, setting: string }>(
      'select name, setting from pg_settings where name = any (:names)', { names: Object.keys(usual) }))
    t.strictSame(Object.fromEntries(rows.map(({ name, setting }) => [name, setting])), usual)
  }
  const compiled = await host.sql(`
    select proname from pg_proc
    where pronamespace = $1::regnamespace and 'plan_cache_mode=force_generic_plan' = any (proconfig) and 'jit=off' <> all (proconfig)`, [host.schema])
  t.strictSame(compiled, [], 'the functions that are a transaction by themselves')
  await exercise(t, host)
})

t.test('verifies no password if its failure cannot be counted', async t => {
  const { app, sql } = await hostWith(t, [])
  await sql('create function refuse() returns trigger language plpgsql as $$ begin raise sqlstate \'25006\'; end $$')
  await sql('create trigger refuse before insert or update on login_failures for each row execute function refuse()')
  for (const auth_password of ['password', 'wrong']) {
    t.equal((await app.inject(callOf({ ...GOOD, start: '8', auth_password }))).statusCode, 503, auth_password)
  }
})
