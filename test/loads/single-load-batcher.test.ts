import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import telcoNumbers, { type CreatedLoad } from '../../lib/index.js'
import { holdLoads } from '../support/command-line.js'
import { DATABASE_URL, demoHost, demoSchema, ownPoolHost, type TestHost } from '../support/host.js'
import { openSession } from '../support/session.js'
import { keysOfRefusal } from '../support/refusal.js'

t.jobs = 4

const GOOD = { class: 1, ingroup: 1 }

/** What a load wrote, except for the columns that depend on its size. */
const WRITTEN = `
  select person, source, loads.alias as load_alias, loads.class as load_class, loads.ingroup as load_ingroup,
    loads.customer as load_customer, loads.region as load_region, loads.stype as load_stype, charge_customer, charged,
    numbers.alias, numbers.class, numbers.ingroup, numbers.customer, numbers.region, numbers.stype
  from numbers join loads on loads.id = load
  order by number limit 1`

async function keysOf (outcome: PromiseSettledResult<CreatedLoad>): Promise<string[]> {
  return outcome.status === 'fulfilled' ? [] : await keysOfRefusal(Promise.reject(outcome.reason as Error))
}

t.test('puts concurrent single loads into few transactions, each load with its own record', async t => {
  const { app, sql } = await demoHost(t)
  const created = await Promise.all(Array.from({ length: 100 }, (_, place) => (
    app.telcoNumbers.create({ ...GOOD, start: String(1000 + place), alias: `+${2000 + place}` }, { person: `person ${place}` }))))
  t.equal(new Set(created.map(({ id }) => id)).size, 100)
  const rows = await sql<{ load: string, person: string, number: string, alias: string }>(`
    select load::text, person, number, numbers.alias from numbers join loads on loads.id = load and loads.start = number
    order by number`)
  t.strictSame(rows, created.map(({ id }, place) => (
    { load: id, person: `person ${place}`, number: String(1000 + place), alias: `+${2000 + place}` })))
  const [{ transactions } = { transactions: 100 }] = await sql<{ transactions: number }>(
    'select count(distinct xmin::text)::integer as transactions from loads')
  t.ok(transactions < 50, `${transactions} transactions`)
})

t.test('writes the same for a single load as for a longer one', async t => {
  for (const request of [
    GOOD,
    { class: 3, ingroup: 2, customer: 3, region: 1, stype: 'callerid' as const, alias: '+007' },
    { class: 3, ingroup: 2, customer: 0, region: 0 }
  ]) {
    const actor = { person: 'ann', source: '127.0.0.1' }
    const [single, longer] = [await demoHost(t), await demoHost(t)]
    t.match(await single.app.telcoNumbers.create({ ...request, start: '0099' }, actor), { count: 1, charges: [] })
    t.match(await longer.app.telcoNumbers.create({ ...request, start: '0099', end: '0100' }, actor), { count: 2 })
    t.strictSame(await single.sql(WRITTEN), await longer.sql(WRITTEN))
    t.strictSame(await single.sql('select start, "end", count from loads'), [{ start: '0099', end: '0099', count: 1 }])
  }
})

t.test('creates one of several concurrent single loads with the same number or alias, and refuses the others', async t => {
  const { app, sql } = await demoHost(t)
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 10 }, () => app.telcoNumbers.create({ ...GOOD, start: '50' })),
    ...Array.from({ length: 10 }, (_, place) => app.telcoNumbers.create({ ...GOOD, start: String(60 + place), alias: '+7' }))
  ])
  const keys = await Promise.all(outcomes.map(keysOf))
  t.strictSame(keys.flat().sort(), [...Array<string>(9).fill('alias'), ...Array<string>(9).fill('start')])
  t.strictSame(await sql('select count(*)::integer, count(alias)::integer as aliases from numbers'), [{ count: 2, aliases: 1 }])
})

t.test('refuses only the invalid single loads of a batch, with every issue', async t => {
  const { app, sql } = await demoHost(t)
  await app.telcoNumbers.create({ ...GOOD, start: '10', alias: '+10' })
  const bad: Array<[object, string[]]> = [
    [{ start: '10' }, ['start']],
    [{ start: '11', alias: '+10' }, ['alias']],
    [{ start: '12', class: 9, ingroup: 9, customer: 9, region: 9 }, ['class', 'ingroup', 'customer', 'region']],
    [{ start: '13', class: 3, customer: 2 }, ['class']]
  ]
  const calls = [...bad.map(([request]) => request), { start: '20' }, { start: '21', class: 3, customer: 3 }]
  const outcomes = await Promise.allSettled(calls.map(request => app.telcoNumbers.create({ start: '', ...GOOD, ...request })))
  t.strictSame(await Promise.all(outcomes.map(keysOf)), [...bad.map(([, keys]) => keys), [], []])
  t.strictSame((await sql<{ number: string }>('select number from numbers order by number')).map(({ number }) => number), ['10', '20', '21'])
})

t.test('fails only the single load that makes the statement fail', async t => {
  const { app, sql } = await demoHost(t)
  await sql(`create function refuse() returns trigger language plpgsql as $$
    begin if new.number = '13' then raise exception 'unlucky'; end if; return new; end $$`)
  await sql('create trigger refuse before insert on numbers for each row execute function refuse()')
  const outcomes = await Promise.allSettled(['12', '13', '14'].map(start => app.telcoNumbers.create({ ...GOOD, start })))
  t.strictSame(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'])
  t.strictSame(await sql('select number from numbers order by number'), [{ number: '12' }, { number: '14' }])
  t.strictSame(await sql('select count(*)::integer from loads'), [{ count: 2 }])
})

t.test('reports busy only for the single load that waits for a lock', async t => {
  const host = await demoHost(t, { lockTimeout: 1_000 })
  const other = await openSession(t, host)
  await other.query('begin; select from classes where id = 2 for update')
  const outcomes = await Promise.allSettled([1, 2, 1].map((id, place) => (
    host.app.telcoNumbers.create({ start: String(place), class: id, ingroup: 1 }))))
  t.match(outcomes, [
    { status: 'fulfilled' }, { status: 'rejected', reason: { code: 'TELCO_NUMBERS_DATABASE_BUSY' } }, { status: 'fulfilled' }
  ])
  await other.query('rollback')
  t.match(await host.app.telcoNumbers.create({ start: '1', class: 2, ingroup: 1 }), { count: 1 })
})

t.test('reports an unavailable database for each single load of a lost connection', async t => {
  const { app, ...database } = await ownPoolHost(t)
  // Not by a lock, for which a batch waits only briefly.
  const loads = await holdLoads(t, database)
  const calls = ['1', '2', '3'].map(start => app.telcoNumbers.create({ ...GOOD, start }))
  const outcomes = Promise.allSettled(calls)
  await loads.isHeld()
  await database.sql(`
    select pg_terminate_backend(pid) from pg_stat_activity
    where state = 'active' and pid <> pg_backend_pid() and query like '%' || $1 || '%'`, [database.schema])
  await outcomes
  for (const call of calls) await t.rejects(call, { code: 'TELCO_NUMBERS_DATABASE_UNAVAILABLE' })
  await loads.letGo()
  t.strictSame(await database.sql('select from loads'), [])
  t.match(await app.telcoNumbers.create({ ...GOOD, start: '1' }), { count: 1 })
})

const CHARGED = { class: 2, ingroup: 1, customer: 3, charge_customer: true }

t.test('charges concurrent single loads in few transactions, each separately', async t => {
  const { app, sql } = await demoHost(t)
  const created = await Promise.all(Array.from({ length: 60 }, (_, place) => (
    app.telcoNumbers.create({ ...CHARGED, start: String(1000 + place) }))))
  for (const { charges } of created) {
    t.strictSame(charges.map(({ customer, quantity, amount }) => [customer, quantity, amount]), [[3, 1, '15.00'], [2, 1, '10.00']])
  }
  t.match(await sql('select id, balance from customers where id in (2, 3) order by id'), [{ balance: '-600.00' }, { balance: '-900.00' }])
  t.strictSame(await sql('select distinct charged, count(*)::integer from loads group by charged'), [{ charged: '25.00', count: 60 }])
  t.strictSame(await sql(`
    select transactions.customer, count(*)::integer, min(balance_after) as last from transactions join numbers using (load)
    where text = format('Signup of 1 numbers %s to %1$s, class Gold', number) and amount = - unit_price
    group by 1 order by 1`), [{ customer: 2, count: 60, last: '-600.00' }, { customer: 3, count: 60, last: '-900.00' }])
  t.strictSame(await sql(`
    select from (select balance_after - amount as before, lag(balance_after, 1, 0) over (partition by customer order by id) as previous
      from transactions) as chained where before <> previous`), [], 'every balance follows from the one before it')
  const [{ transactions } = { transactions: 60 }] = await sql<{ transactions: number }>(
    'select count(distinct xmin::text)::integer as transactions from loads')
  t.ok(transactions < 30, `${transactions} transactions`)
})

t.test('refuses only the single load of a batch that cannot be charged', async t => {
  const { app, sql } = await demoHost(t)
  await sql(`insert into classes (id, name) values (10, 'Without a price')`)
  const outcomes = await Promise.allSettled([
    { start: '1' }, { start: '2', class: 10 }, { start: '3', customer: 1 }, { start: '4' }
  ].map(request => app.telcoNumbers.create({ ...CHARGED, ...request })))
  t.strictSame(await Promise.all(outcomes.map(keysOf)), [[], ['charge_customer'], ['charge_customer'], []])
  t.strictSame(await sql('select number from numbers order by number'), [{ number: '1' }, { number: '4' }])
  t.match(await sql('select balance from customers where id = 3'), [{ balance: '-30.00' }])
})

t.test('refuses single loads whose price is deleted while their batch runs', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ ...CHARGED, start: '1' })
  const other = await openSession(t, host)
  await other.query('begin; delete from plan_classes; select from customers where id = 2 for update')
  const outcomes = Promise.allSettled(['2', '3'].map(start => host.app.telcoNumbers.create({ ...CHARGED, start })))
  await other.waitedFor()
  await other.query('commit')
  t.strictSame(await Promise.all((await outcomes).map(keysOf)), [['charge_customer'], ['charge_customer']])
  t.strictSame(await host.sql('select number from numbers'), [{ number: '1' }])
  t.strictSame(await host.sql('select distinct charged from loads'), [{ charged: '25.00' }])
})

/** A host with the plugin on a pool with its own settings. */
async function hostOnPool (t: Test, config: pg.PoolConfig): Promise<TestHost> {
  const database = await demoSchema(t)
  const pool = new pg.Pool({ connectionString: DATABASE_URL, ...config })
  t.teardown(() => pool.end())
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema: database.schema })
  return { ...database, pool, app }
}

t.test('adds single loads whatever transaction settings the connections have by default', async t => {
  for (const setting of ['default_transaction_read_only=on', 'default_transaction_isolation=serializable']) {
    const { app, sql } = await hostOnPool(t, { options: `-c ${setting}` })
    await Promise.all(['1', '2', '3'].map(async start => {
      t.match(await app.telcoNumbers.create({ ...GOOD, start }), { count: 1 }, setting)
    }))
    t.strictSame((await sql('select number from numbers order by number')).length, 3)
  }
})

t.test('restores the settings of the connection after a single load', async t => {
  const { app, pool } = await hostOnPool(t, { max: 1 })
  const settings = async (): Promise<unknown> => (
    (await pool.query(`select name, setting from pg_settings where name in ('lock_timeout', 'enable_seqscan', 'search_path')`)).rows)
  const before = await settings()
  t.match(await app.telcoNumbers.create({ ...GOOD, start: '1' }), { count: 1 })
  t.strictSame(await settings(), before)
})
