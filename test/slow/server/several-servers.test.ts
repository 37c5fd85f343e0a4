import fastify from 'fastify'
import t, { type Test } from 'tap'
import telcoNumbers from '../../../lib/index.js'
import { MIGRATIONS } from '../../../lib/sql/texts.js'
import { DATABASE_URL, emptySchema, keysOf, USER, type Answer } from '../../support/host.js'
import { openSession } from '../../support/session.js'
import { startServer, type ServerProcess } from '../../support/server-process.js'

// If there is a PgBouncer, as in a job of CI, the servers connect through it.
const SERVERS_URL = process.env.PGBOUNCER_URL ?? DATABASE_URL

const ROW = (number: string) => `
  insert into numbers (number, class, ingroup, stype, load) values ('${number}', 1, 1, 'number', (select max(id) from loads))`

interface Server extends ServerProcess {
  readonly call: (parameters: Record<string, string | number>) => Promise<Answer>
}

async function serve (t: Test, schema: string): Promise<Server> {
  const server = startServer(t, { DATABASE_URL: SERVERS_URL, SCHEMA: schema, SEED_DEMO: 'true' })
  const [origin = ''] = /http:[^"\s]*?:\d+/.exec(await server.printed(/Listening on/)) ?? []
  return {
    ...server,
    call: async parameters => {
      const body = new URLSearchParams({ ...USER, class: '1', ingroup: '1' })
      for (const [name, value] of Object.entries(parameters)) body.set(name, String(value))
      return await (await fetch(`${origin}/api/json/numbers/system/create`, { method: 'POST', body })).json() as Answer
    }
  }
}

t.test('several servers serve one database', async t => {
  const database = await emptySchema(t)
  const { schema, sql } = database
  const servers = await Promise.all([serve(t, schema), serve(t, schema), serve(t, schema)] as const)
  t.strictSame(await sql('select count(*)::integer from telco_numbers_migrations'), [
    { count: MIGRATIONS.length }
  ], 'started together on an empty database, one of them migrated it')
  t.strictSame(await sql('select username from people order by username'), [{ username: 'clerk' }, { username: 'user' }])

  await t.test('disjoint loads do not disturb each other', async t => {
    const answers = await Promise.all(servers.flatMap(({ call }, index) => Array.from({ length: 5 }, (_, place) => (
      call({ start: `1${index}${place}0000`, end: `1${index}${place}0999`, alias: `+1${index}${place}0000` })))))
    t.strictSame(answers.map(({ data }) => data?.count), Array.from({ length: 15 }, () => 1000))
  })

  await t.test('one of several requests for the same numbers adds them, on any server', async t => {
    for (const range of [{ start: '5' }, { start: '60000', end: '69999' }, { start: '700000', end: '799999' }]) {
      const answers = await Promise.all(servers.flatMap(({ call }) => [call(range), call(range)]))
      t.equal(answers.filter(({ data }) => data !== undefined).length, 1)
      t.strictSame(answers.map(keysOf).filter(keys => keys[0] !== ''), Array.from({ length: 5 }, () => ['start']))
    }
  })

  await t.test('the balance of a customer charged by all servers is exact', async t => {
    await Promise.all(servers.flatMap(({ call }, index) => Array.from({ length: 4 }, (_, place) => (
      call({ start: `2${index}${place}00`, end: `2${index}${place}99`, customer: 3, charge_customer: 1 })))))
    t.match(await sql(`select balance, (select balance_after from transactions where customer = 3 order by id desc limit 1) as last
      from customers where id = 3`), [{ balance: '-1800.00', last: '-1800.00' }])
  })

  await t.test('a server can undo the load of another', async t => {
    const [one, other] = servers
    const app = fastify()
    t.teardown(() => app.close())
    await app.register(telcoNumbers, { connectionString: SERVERS_URL, schema })
    t.match(await one.call({ start: '30000', end: '34999' }), { data: { count: 5000 } })
    const [load] = await sql<{ id: string }>(`select id from loads where start = '30000'`)
    t.match(await app.telcoNumbers.undo(load?.id ?? ''), { count: 5000 })
    t.match(await other.call({ start: '30000' }), { data: { count: 1 } })
  })

  await t.test('a stopped server finishes its load, and another one continues', async t => {
    const [one, other] = servers
    const session = await openSession(t, database)
    await session.query(`begin; ${ROW('8099')}`)
    const loading = one.call({ start: '8000', end: '8099' })
    await session.waitedFor()
    process.kill(one.pid, 'SIGTERM')
    await one.printed(/Stopping/)
    await session.query('rollback')
    t.match(await loading, { data: { count: 100 } })
    t.equal(await one.ended, 0)
    t.strictSame(keysOf(await other.call({ start: '8099' })), ['start'])
    t.match(await other.call({ start: '8100' }), { data: { count: 1 } })
  })

  await t.test('a killed server leaves all of its load or none, and another one continues', async t => {
    const [, one, other] = servers
    const session = await openSession(t, database)
    await session.query(`begin; ${ROW('9099')}`)
    const range = { start: '9000', end: '9099' }
    const loading = one.call(range).catch(() => 'no reply')
    await session.waitedFor()
    process.kill(one.pid, 'SIGKILL')
    t.equal(await loading, 'no reply')
    await session.query('rollback')
    const { responses: [response] } = await other.call(range)
    t.ok(['200', '400'].includes(response?.code ?? ''))
    t.strictSame(await sql(`select count(*)::integer, count(distinct load)::integer as loads from numbers where number like '90__'`), [
      { count: 100, loads: 1 }
    ])
  })
})
