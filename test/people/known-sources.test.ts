import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { Database } from '../../lib/database/database.js'
import telcoNumbers, { type TelcoNumbersOptions } from '../../lib/index.js'
import { KnownSources } from '../../lib/people/known-sources.js'
import { CHECK } from '../support/endpoint.js'
import { callOf, demoSchema, type TestSchema } from '../support/host.js'

const HERE = '192.0.2.1'
const THERE = '198.51.100.1'

const LIMITS = { perLogin: 3, perUsername: 10 }

const PATIENT = { lockTimeout: 60_000, statementTimeout: 60_000 }

/** Starts a server on the tables, which reads the source of a request from its X-Forwarded-For. */
async function start (
  t: Test, { pool, schema }: TestSchema, loginThrottle: TelcoNumbersOptions['loginThrottle'] = { ...LIMITS, shared: true }
): Promise<FastifyInstance> {
  const app = fastify({ trustProxy: true })
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema, loginThrottle, ...PATIENT })
  return app
}

async function login (app: FastifyInstance, from = HERE, password = 'password', parameters: object = CHECK): Promise<number> {
  const url = callOf({ ...parameters, auth_password: password })
  return (await app.inject({ url, headers: { 'x-forwarded-for': from } })).statusCode
}

/** Sends the wrong passwords that block the username, each from another source. */
async function attack (app: FastifyInstance): Promise<void> {
  for (let place = 0; place < LIMITS.perUsername; place++) await login(app, `203.0.113.${place}`, `guess ${place}`)
}

t.test('a shared known source gets through on a server that it has not called, and after a restart, during an attack', async t => {
  const database = await demoSchema(t)
  const [one, other] = [await start(t, database), await start(t, database)]
  t.equal(await login(one), 201)
  await attack(one)
  t.equal(await login(other, THERE), 429, 'a stranger')
  t.equal(await login(other), 201, 'the client, on the other server')
  await Promise.all([one.close(), other.close()])
  const restarted = await start(t, database)
  t.equal(await login(restarted, THERE), 429, 'a stranger, after the restart')
  t.equal(await login(restarted), 201, 'the client, after the restart')

  for (const guess of ['a', 'b', 'c']) t.equal(await login(restarted, HERE, guess), 401)
  t.equal(await login(await start(t, database)), 429, 'only its own wrong passwords block it')
  t.strictSame(await database.sql(`select from known_sources where username = 'user' or source like '%192.0%'`), [], 'stores digests')
})

t.test('without shared, one restart forgets known sources together with the counts', async t => {
  const database = await demoSchema(t)
  const one = await start(t, database, LIMITS)
  t.equal(await login(one), 201)
  await attack(one)
  t.equal(await login(one, THERE), 429)
  await one.close()
  const restarted = await start(t, database, LIMITS)
  t.equal(await login(restarted), 201, 'the client is known again before as many wrong passwords again')
  await attack(restarted)
  t.equal(await login(restarted), 201)
  t.equal(await login(restarted, THERE), 429)
  t.strictSame(await database.sql('select from known_sources'), [])
})

t.test('10,000 sources of another login displace no known source, in memory or in the table', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  const client = { username: 'client', source: 'its source' }
  const alone = new KnownSources()
  await alone.add(client)
  for (let place = 0; place < 10_000; place++) await alone.add({ username: 'other', source: String(place) })
  t.ok(await alone.has(client))
  t.ok(await alone.has({ username: 'other', source: '9900' }), 'the latest hundred of a username')
  t.notOk(await alone.has({ username: 'other', source: '9899' }))

  const database = new Database({ pool, schema, limits: PATIENT })
  await new KnownSources(database).add(client)
  await sql(`insert into known_sources select 'other', place::text, now() - place * interval '1 second' from generate_series(1, 9999) as place`)
  await sql(`insert into known_sources values ('gone', 'expired', now() - interval '1 day')`)
  await new KnownSources(database).add({ username: 'other', source: '10000' })
  const restarted = new KnownSources(database)
  t.ok(await restarted.has(client))
  t.ok(await restarted.has({ username: 'other', source: '99' }))
  t.notOk(await restarted.has({ username: 'other', source: '100' }))
  t.strictSame(await sql('select username, count(*)::integer from known_sources group by 1 order by 1'), [
    { username: 'client', count: 1 }, { username: 'other', count: 100 }
  ])
  await Promise.all(Array.from({ length: 40 }, (_, place) => restarted.add({ username: 'other', source: `at once ${place % 20}` })))
  await restarted.add({ username: 'other', source: 'after' })
  t.match(await sql(`select count(*)::integer from known_sources where username = 'other'`), [{ count: 100 }])
})

t.test('a source stays known for a day after its last right password, in use without argon2 too', async t => {
  const database = await demoSchema(t)
  const { sql } = database
  const app = await start(t, database)
  const single = (start: string): object => ({ start, class: 1, ingroup: 1 })
  const age = async (): Promise<unknown> => (await sql('select now() - seen_at > interval \'1 hour\' as old from known_sources'))[0]
  t.equal(await login(app, HERE, 'password', single('1')), 200)
  await sql(`update known_sources set seen_at = now() - interval '2 hours'`)
  t.equal(await login(app, HERE, 'password', single('2')), 200)
  t.match(await age(), { old: true }, 'not recorded again within an hour')
  const now = Date.now.bind(Date)
  const restore = t.intercept(Date, 'now', { value: () => now() + 3_600_001 })
  t.strictSame(await Promise.all(['3', '4'].map(start => login(app, HERE, 'password', single(start)))), [200, 200])
  t.match(await age(), { old: false })
  t.intercept(Date, 'now', { value: () => now() + 3 * 86_400_000 })
  await sql(`update known_sources set seen_at = now() - interval '25 hours'`)
  await attack(app)
  t.equal(await login(app), 429, 'a stranger after a day without a call')
  restore()
})

t.test('all processes forget a known source that continues to guess while it is blocked', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  const database = new Database({ pool, schema, limits: PATIENT })
  const login = { username: 'user', source: 'here' }
  for (const known of [new KnownSources(), new KnownSources(database)]) {
    await known.confirm(login)
    t.notOk(await known.has(login), 'only a right password makes a source known')
    await known.countGuess(login)
    await known.add(login)
    for (let guesses = 0; guesses < 9_999; guesses++) await known.countGuess(login)
    t.ok(await known.has(login))
    await known.countGuess(login)
    t.notOk(await known.has(login))
  }
  t.strictSame(await sql('select from known_sources'), [])
})

t.test('a login is a 503 if a right password cannot be recorded', async t => {
  const database = await demoSchema(t)
  await database.sql(`create function refuse() returns trigger language plpgsql as $$ begin raise sqlstate '25006'; end $$`)
  await database.sql('create trigger refuse before insert on known_sources for each row execute function refuse()')
  t.equal(await login(await start(t, database)), 503)
})
