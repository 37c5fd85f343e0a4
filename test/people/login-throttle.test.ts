import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import t, { type Test } from 'tap'
import { Database } from '../../lib/database/database.js'
import telcoNumbers, { type TelcoNumbersOptions } from '../../lib/index.js'
import { LoginThrottle, type LoginAttempt } from '../../lib/people/login-throttle.js'
import { hashPassword } from '../../lib/people/passwords.js'
import { callOf, demoHost, demoSchema, type Answer, type TestHost } from '../support/host.js'
import { CHECK } from '../support/endpoint.js'

t.jobs = 4

const HERE = '192.0.2.1'
const THERE = '198.51.100.1'

interface Login {
  readonly from?: string
  readonly user?: string
  readonly password?: string
}

/** A host that trusts the X-Forwarded-For of a request, so that tests can choose the source. */
async function throttledHost (t: Test, loginThrottle: TelcoNumbersOptions['loginThrottle'], options: TelcoNumbersOptions = {}): Promise<TestHost> {
  const host = await demoHost(t, { loginThrottle: loginThrottle ?? {}, ...options }, { trustProxy: true })
  await host.sql('insert into people (username, password_hash, role) values (\'other\', $1, 1)', [await hashPassword('password')])
  return host
}

/** Returns the code of the reply; checks the envelope and Retry-After of a 429. */
async function login (app: FastifyInstance, { from = HERE, user = 'user', password = 'password' }: Login = {}): Promise<string> {
  const reply = await app.inject({
    url: callOf({ ...CHECK, auth_username: user, auth_password: password }), headers: { 'x-forwarded-for': from }
  })
  const [response] = reply.json<Answer>().responses
  if (reply.statusCode !== 429) return response?.code ?? ''
  const seconds = Number(reply.headers['retry-after'])
  t.strictSame(reply.json(), { responses: [{ code: '429', key: '', message: 'Too many requests: try again later.' }] })
  t.equal(reply.headers['cache-control'], 'no-store')
  return Number.isInteger(seconds) && seconds > 0 && seconds <= 900 ? '429' : `429 for ${seconds} s`
}

/** Sends `times` wrong passwords and returns the distinct codes. */
async function guess (app: FastifyInstance, times: number, caller: Login = {}): Promise<string[]> {
  const codes = []
  for (let time = 0; time < times; time++) codes.push(await login(app, { ...caller, password: `guess ${time}` }))
  return [...new Set(codes)]
}

t.test('blocks a username for a source after too many wrong passwords, even with the right one, and no other caller', async t => {
  const { app } = await throttledHost(t, { perLogin: 3 })
  t.strictSame(await guess(app, 3), ['401'])
  t.equal(await login(app), '429')
  t.equal(await login(app, { password: 'wrong' }), '429')
  t.equal(await login(app, { user: 'other' }), '201')
  t.equal(await login(app, { from: THERE }), '201')
})

t.test('blocks an unknown username, a disabled person and any text alike', async t => {
  const { app, sql } = await throttledHost(t, { perLogin: 2, perSource: 100 })
  await sql('update people set enabled = false where username = \'other\'')
  for (const user of ['user', 'unknown', 'other', 'unkn\0wn', '"', 'x'.repeat(10_000)]) {
    t.strictSame(await guess(app, 2, { user }), ['401'], user.slice(0, 20))
    t.equal(await login(app, { user }), '429', user.slice(0, 20))
  }
})

t.test('blocks a source for every username after too many wrong passwords', async t => {
  const { app } = await throttledHost(t, { perSource: 4 })
  for (const user of ['a', 'b', 'c', 'd']) t.strictSame(await guess(app, 1, { user }), ['401'])
  t.equal(await login(app), '429')
  t.equal(await login(app, { from: THERE }), '201')
})

t.test('blocks a username for all unknown sources after too many wrong passwords from anywhere', async t => {
  const { app } = await throttledHost(t, { perUsername: 4 })
  t.equal(await login(app), '201')
  for (const from of ['203.0.113.1', '203.0.113.2']) t.strictSame(await guess(app, 2, { from }), ['401'])
  t.equal(await login(app, { from: THERE }), '429')
  t.equal(await login(app, { from: THERE, user: 'other' }), '201')
  t.equal(await login(app), '201', 'a known source')
})

t.test('does not block a known client because of others at its address while its password is remembered', async t => {
  const { app, sql } = await throttledHost(t, { perLogin: 3, perSource: 3 })
  t.equal(await login(app), '201')
  t.strictSame(await guess(app, 3, { user: 'unknown' }), ['401'])
  t.equal(await login(app, { user: 'other' }), '429')
  t.equal(await login(app), '201', 'the source is blocked')
  t.strictSame(await guess(app, 50), ['401', '429'])
  t.equal(await login(app), '201', 'the username is blocked for the source')

  await sql('update people set password_hash = $1 where username = \'user\'', [await hashPassword('password')])
  t.equal(await login(app), '429', 'the changed password must be verified')
})

t.test('refuses a right guess from a blocked stranger, so that remembered passwords reveal nothing', async t => {
  const { app } = await throttledHost(t, { perLogin: 3 })
  t.equal(await login(app), '201')
  t.strictSame(await guess(app, 3, { from: THERE }), ['401'])
  t.equal(await login(app, { from: THERE }), '429')
})

t.test('clears the wrong passwords when a right one is verified', async t => {
  const { app, sql } = await throttledHost(t, { perLogin: 3 })
  for (const round of ['first', 'second', 'third']) {
    t.strictSame(await guess(app, 2), ['401'], round)
    await sql('update people set password_hash = $1 where username = \'user\'', [await hashPassword(round)])
    t.equal(await login(app, { password: round }), '201', round)
  }
})

t.test('does not count missing credentials as a guess', async t => {
  const { app } = await throttledHost(t, { perLogin: 1, perSource: 1 })
  for (let time = 0; time < 3; time++) {
    t.equal(await login(app, { user: '' }), '401')
    t.equal(await login(app, { password: '' }), '401')
  }
  t.equal(await login(app), '201')
})

t.test('ends a block with its window', async t => {
  const { app } = await throttledHost(t, { perLogin: 1, window: 1_000 })
  t.strictSame(await guess(app, 1), ['401'])
  let codes: string[] = []
  // On a busy machine, the window may be over before the first attempt.
  do codes = [...codes, await login(app)]; while (codes.at(-1) === '429')
  t.equal(codes.at(-1), '201')
})

t.test('counts concurrent guesses like consecutive ones', async t => {
  const { app } = await throttledHost(t, { perLogin: 5 })
  const codes = await Promise.all(Array.from({ length: 60 }, (_, time) => login(app, { password: `guess ${time}` })))
  t.equal(codes.filter(code => code === '401').length, 5)
  t.equal(codes.filter(code => code === '429').length, 55)
})

t.test('counts the same wrong password of concurrent requests as one guess', async t => {
  const { app } = await throttledHost(t, { perLogin: 3, perSource: 3 })
  const codes = await Promise.all(Array.from({ length: 20 }, () => login(app, { password: 'yesterday\'s' })))
  t.ok(codes.includes('401'))
  t.equal(await login(app, { from: THERE }), '201')
})

t.test('treats an IPv6 network of 64 bits as one source', async t => {
  const { app } = await throttledHost(t, { perLogin: 2 })
  for (const host of ['1', '2']) t.strictSame(await guess(app, 1, { from: `2001:db8::${host}` }), ['401'])
  t.equal(await login(app, { from: '2001:db8::ffff' }), '429')
  t.equal(await login(app, { from: '2001:db8:0:1::1' }), '201')
})

t.test('ignores X-Forwarded-For without trustProxy', async t => {
  const { app, sql } = await demoHost(t, { loginThrottle: { perLogin: 2 } })
  for (const from of [HERE, THERE]) t.strictSame(await guess(app, 1, { from }), ['401'])
  t.equal(await login(app, { from: '203.0.113.1' }), '429')
  t.strictSame(await sql('select from loads'), [])
})

t.test('records the source that trustProxy selects with a load', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  const hops = { 'x-forwarded-for': '203.0.113.9, 192.0.2.7, 198.51.100.8' }
  for (const [place, trustProxy] of [false, true, '127.0.0.1', '127.0.0.1, 198.51.100.8'].entries()) {
    const app = fastify({ trustProxy })
    t.teardown(() => app.close())
    await app.register(telcoNumbers, { pool, schema })
    await app.inject({ url: callOf({ start: String(place), class: 1, ingroup: 1 }), headers: hops })
  }
  t.strictSame((await sql<{ source: string }>('select source from loads order by id')).map(load => load.source), [
    '127.0.0.1', '203.0.113.9', '198.51.100.8', '192.0.2.7'
  ])
})

t.test('sends HTTP 429 to a blocked caller for always-200 too', async t => {
  const { app } = await throttledHost(t, { perLogin: 1 }, { httpStatus: 'always-200' })
  await guess(app, 1)
  t.equal(await login(app), '429')
})

t.test('sets no limits for false', async t => {
  const { app } = await throttledHost(t, false)
  t.strictSame(await guess(app, 30), ['401'])
  t.equal(await login(app), '201')
})

t.test('forgets a known source that continues to guess while it is blocked', async t => {
  const { pool, schema } = await demoSchema(t)
  const throttle = new LoginThrottle(
    { perLogin: 1, perSource: 9, perUsername: 9, window: 900_000, shared: false },
    new Database({ pool, schema, limits: { lockTimeout: 1_000, statementTimeout: 1_000 } }))
  const attempt = async (): Promise<LoginAttempt> => await throttle.attempt('user', HERE)
  await (await attempt()).succeed()
  await (await attempt()).begin()
  for (let guesses = 0; guesses < 10_000; guesses++) {
    const guess = await attempt()
    if (!guess.isKnown) t.fail(`a stranger after ${guesses} guesses`)
    await guess.throwIfBlocked().then(() => t.fail('not blocked'), () => {})
  }
  t.equal((await attempt()).isKnown, false)
})
