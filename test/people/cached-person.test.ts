import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { hashPassword } from '../../lib/people/passwords.js'
import { call, callOf, demoHost, keysOf, type TestHost } from '../support/host.js'

t.jobs = 4

let number = 2_125_550_000

/** Adds a new number and returns the code of the reply. */
async function codeOf ({ app }: TestHost, password = 'password'): Promise<string | undefined> {
  const answer = await call(app, { start: number++, class: 1, ingroup: 2, auth_password: password })
  return answer.responses[0]?.code
}

/** Returns how often `work` acquires a connection from the pool. */
async function connectionsOf ({ pool }: TestHost, work: () => Promise<unknown>): Promise<number> {
  let count = 0
  const onAcquire = (): void => { count++ }
  pool.on('acquire', onAcquire)
  await work()
  pool.off('acquire', onAcquire)
  return count
}

// Not in parallel, because all tests in this process share the clock.
await t.test('looks up a person again after a pause of ten seconds', async t => {
  const host = await demoHost(t)
  t.equal(await codeOf(host), '200')
  const now = performance.now.bind(performance)
  t.intercept(performance, 'now', { value: () => now() + 10_500 })
  // The cache reads the clock once a millisecond.
  await sleep(5)
  t.equal(await connectionsOf(host, () => codeOf(host)), 2)
})

t.test('does not look up a cached person again for one number', async t => {
  const host = await demoHost(t)
  t.equal(await codeOf(host), '200')
  t.equal(await connectionsOf(host, () => codeOf(host)), 1)
  t.strictSame(await host.sql('select count(*)::integer, count(distinct person)::integer as people from loads'), [{ count: 2, people: 1 }])
})

t.test('looks up a person who calls from another address or with another password', async t => {
  const host = await demoHost(t)
  t.equal(await codeOf(host), '200')
  t.equal(await connectionsOf(host, async () => {
    const url = callOf({ start: number++, class: 1, ingroup: 2 })
    t.equal((await host.app.inject({ url, remoteAddress: '192.0.2.1' })).statusCode, 200)
  }), 2)
  t.equal(await codeOf(host, 'wrong'), '401')
})

const CHANGES: Record<string, { change: string, code: string, undo: string }> = {
  'a changed role': {
    change: `update people set role = 2 where username = 'user'`, code: '402', undo: `update people set role = 1 where username = 'user'`
  },
  'a privilege that a role has lost': {
    change: `delete from roles_access where privilege = 'system'`, code: '402', undo: `insert into roles_access values (1, 'system')`
  },
  'a disabled person': {
    change: `update people set enabled = false`, code: '401', undo: `update people set enabled = true`
  },
  'a deleted person': {
    change: `delete from people where username = 'user'`, code: '401',
    undo: `insert into people (username, password_hash, role) select 'user', password_hash, 1 from people where username = 'clerk'`
  }
}

for (const [what, { change, code, undo }] of Object.entries(CHANGES)) {
  t.test(`notices ${what} immediately for one number, and adds nothing`, async t => {
    const host = await demoHost(t)
    t.equal(await codeOf(host), '200')
    await host.sql(change)
    t.equal(await codeOf(host), code)
    t.strictSame(await host.sql('select count(*)::integer from numbers'), [{ count: 1 }])
    await host.sql(undo)
    t.equal(await codeOf(host), '200')
  })
}

t.test('accepts a changed password immediately for one number, and refuses the old one', async t => {
  const host = await demoHost(t)
  t.equal(await codeOf(host), '200')
  await host.sql(`update people set password_hash = $1 where username = 'user'`, [await hashPassword('changed')])
  t.equal(await codeOf(host), '401')
  t.equal(await codeOf(host, 'changed'), '200')
  t.equal(await codeOf(host), '401')
})

const RANGE = { start: '3125550000', end: '3125550999', class: 1, ingroup: 2 }

t.test('does not look up a cached person again for a short range, and adds nothing if the person has changed', async t => {
  const host = await demoHost(t)
  t.equal(await codeOf(host), '200')
  t.equal(await connectionsOf(host, async () => {
    t.match(await call(host.app, RANGE), { responses: [{ code: '200' }], data: { count: 1000 } })
  }), 1)
  t.strictSame(keysOf(await call(host.app, RANGE)), ['start'])
  await host.sql(`update people set role = 2 where username = 'user'`)
  t.match(await call(host.app, { ...RANGE, start: '3125550500', end: '3125551499' }), { responses: [{ code: '402' }] })
  t.strictSame(await host.sql('select count(*)::integer from numbers'), [{ count: 1001 }])
})

t.test('looks up a person again for a range that is long, has aliases or is charged', async t => {
  const host = await demoHost(t)
  t.equal(await codeOf(host), '200')
  for (const more of [{ end: '3125555000' }, { alias: '7' }, { customer: 3, charge_customer: 1 }]) {
    await host.sql(`update people set role = 2 where username = 'user'`)
    t.match(await call(host.app, { ...RANGE, ...more }), { responses: [{ code: '402' }] })
    await host.sql(`update people set role = 1 where username = 'user'`)
    t.equal(await codeOf(host), '200')
  }
})

t.test('refuses only the people of a statement who have changed', async t => {
  const host = await demoHost(t)
  const hash = await hashPassword('password')
  const people = ['Alice', 'Bob', 'Carol']
  for (const person of people) await host.sql('insert into people (username, password_hash, role) values ($1, $2, 1)', [person, hash])
  const codes = () => Promise.all(people.map(async person => (
    (await call(host.app, { start: number++, class: 1, ingroup: 2, auth_username: person })).responses[0]?.code)))
  t.strictSame(await codes(), ['200', '200', '200'])
  await host.sql(`update people set enabled = false where username = 'Bob'`)
  t.strictSame(await codes(), ['200', '401', '200'])
})

t.test('reports all issues of one number to a cached person', async t => {
  const { app } = await demoHost(t)
  const taken = { start: '2125559999', class: 1, ingroup: 2 }
  t.match(await call(app, taken), { data: { count: 1 } })
  t.strictSame(keysOf(await call(app, { ...taken, region: 99 })), ['start', 'region'])
  const twice = await app.inject(`${callOf({ ...taken, start: '2125559998' })}&auth_username=user`)
  t.strictSame(keysOf(twice.json()), ['auth_username'])
  t.match(await call(app, { ...taken, start: '2125559998', validation: 1 }), { responses: [{ code: '201' }], data: { count: 0 } })
})

t.test('notifies onChange of the number of a cached person', async t => {
  const loads: string[] = []
  const host = await demoHost(t, { onChange: ({ record: { start } }) => { loads.push(start) } })
  for (const start of ['2125550000', '2125550001']) await call(host.app, { start, class: 1, ingroup: 2 })
  await host.app.close()
  t.strictSame(loads.sort(), ['2125550000', '2125550001'])
})

t.test('needs no table of people for one number in a host with its own authentication', async t => {
  const host = await demoHost(t, { authenticate: () => ({ username: 'session', privileges: ['system'] }) })
  await host.sql('drop table people; drop table roles_access')
  t.equal(await codeOf(host), '200')
  t.equal(await codeOf(host), '200')
})
