import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import t, { type Test } from 'tap'
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

/** A host that takes the source of a request from the client's word, for the tests. */
async function throttledHost (t: Test, loginThrottle: TelcoNumbersOptions['loginThrottle'], options: TelcoNumbersOptions = {}): Promise<TestHost> {
  const host = await demoHost(t, { loginThrottle: loginThrottle ?? {}, ...options }, { trustProxy: true })
  await host.sql('insert into people (username, password_hash, role) values (\'other\', $1, 1)', [await hashPassword('password')])
  return host
}

/** What the function says to somebody: a code, and for 429 whether there is a time to come back. */
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

/** As many wrong passwords. */
async function guess (app: FastifyInstance, times: number, who: Login = {}): Promise<string[]> {
  const codes = []
  for (let time = 0; time < times; time++) codes.push(await login(app, { ...who, password: `guess ${time}` }))
  return [...new Set(codes)]
}

t.test('too many wrong passwords for a username block it for their source, right ones too, and nobody else', async t => {
  const { app } = await throttledHost(t, { perLogin: 3 })
  t.strictSame(await guess(app, 3), ['401'])
  t.equal(await login(app), '429')
  t.equal(await login(app, { password: 'wrong' }), '429')
  t.equal(await login(app, { user: 'other' }), '201')
  t.equal(await login(app, { from: THERE }), '201')
})

t.test('a username that does not exist, a disabled person and any text are blocked alike', async t => {
  const { app, sql } = await throttledHost(t, { perLogin: 2, perSource: 100 })
  await sql('update people set enabled = false where username = \'other\'')
  for (const user of ['user', 'nobody', 'other', 'no\0body', '"', 'x'.repeat(10_000)]) {
    t.strictSame(await guess(app, 2, { user }), ['401'], user.slice(0, 20))
    t.equal(await login(app, { user }), '429', user.slice(0, 20))
  }
})

t.test('too many wrong passwords from a source block it for every username', async t => {
  const { app } = await throttledHost(t, { perSource: 4 })
  for (const user of ['a', 'b', 'c', 'd']) t.strictSame(await guess(app, 1, { user }), ['401'])
  t.equal(await login(app), '429')
  t.equal(await login(app, { from: THERE }), '201')
})

t.test('too many wrong passwords for a username, from anywhere, block it for all sources that it has not come from', async t => {
  const { app } = await throttledHost(t, { perUsername: 4 })
  t.equal(await login(app), '201')
  for (const from of ['203.0.113.1', '203.0.113.2']) t.strictSame(await guess(app, 2, { from }), ['401'])
  t.equal(await login(app, { from: THERE }), '429')
  t.equal(await login(app, { from: THERE, user: 'other' }), '201')
  t.equal(await login(app), '201', 'a client that is known')
})

t.test('a known client is not locked out by others behind its address, as long as its password is remembered', async t => {
  const { app, sql } = await throttledHost(t, { perLogin: 3, perSource: 3 })
  t.equal(await login(app), '201')
  t.strictSame(await guess(app, 3, { user: 'nobody' }), ['401'])
  t.equal(await login(app, { user: 'other' }), '429')
  t.equal(await login(app), '201', 'the source is blocked')
  t.strictSame(await guess(app, 50), ['401', '429'])
  t.equal(await login(app), '201', 'the username is blocked for the source')

  await sql('update people set password_hash = $1 where username = \'user\'', [await hashPassword('password')])
  t.equal(await login(app), '429', 'a password that must be verified anew')
})

t.test('what is remembered is no oracle: a guess that is right is refused to a stranger that is blocked', async t => {
  const { app } = await throttledHost(t, { perLogin: 3 })
  t.equal(await login(app), '201')
  t.strictSame(await guess(app, 3, { from: THERE }), ['401'])
  t.equal(await login(app, { from: THERE }), '429')
})

t.test('a right password that is verified makes good for the wrong ones before it', async t => {
  const { app, sql } = await throttledHost(t, { perLogin: 3 })
  for (const round of ['first', 'second', 'third']) {
    t.strictSame(await guess(app, 2), ['401'], round)
    await sql('update people set password_hash = $1 where username = \'user\'', [await hashPassword(round)])
    t.equal(await login(app, { password: round }), '201', round)
  }
})

t.test('missing credentials are no guess', async t => {
  const { app } = await throttledHost(t, { perLogin: 1, perSource: 1 })
  for (let time = 0; time < 3; time++) {
    t.equal(await login(app, { user: '' }), '401')
    t.equal(await login(app, { password: '' }), '401')
  }
  t.equal(await login(app), '201')
})

t.test('a block ends with its window', async t => {
  const { app } = await throttledHost(t, { perLogin: 1, window: 1_000 })
  t.strictSame(await guess(app, 1), ['401'])
  let codes: string[] = []
  // The first attempt may come after a second already, on a machine that is busy.
  do codes = [...codes, await login(app)]; while (codes.at(-1) === '429')
  t.equal(codes.at(-1), '201')
})

t.test('guesses that are made all at once count as those that follow each other', async t => {
  const { app } = await throttledHost(t, { perLogin: 5 })
  const codes = await Promise.all(Array.from({ length: 60 }, (_, time) => login(app, { password: `guess ${time}` })))
  // Two are verified at a time.
  const verified = codes.filter(code => code === '401').length
  t.ok(verified >= 5 && verified <= 6, `${verified}`)
  t.equal(codes.filter(code => code === '429').length, 60 - verified)
})

t.test('the same wrong password sent by many requests at once is one guess', async t => {
  const { app } = await throttledHost(t, { perLogin: 3, perSource: 3 })
  const codes = await Promise.all(Array.from({ length: 20 }, () => login(app, { password: 'yesterday\'s' })))
  t.ok(codes.includes('401'))
  t.equal(await login(app, { from: THERE }), '201')
})

t.test('an IPv6 source is its network of 64 bits', async t => {
  const { app } = await throttledHost(t, { perLogin: 2 })
  for (const host of ['1', '2']) t.strictSame(await guess(app, 1, { from: `2001:db8::${host}` }), ['401'])
  t.equal(await login(app, { from: '2001:db8::ffff' }), '429')
  t.equal(await login(app, { from: '2001:db8:0:1::1' }), '201')
})

t.test('without trustProxy, what the client says of its source counts for nothing', async t => {
  const { app, sql } = await demoHost(t, { loginThrottle: { perLogin: 2 } })
  for (const from of [HERE, THERE]) t.strictSame(await guess(app, 1, { from }), ['401'])
  t.equal(await login(app, { from: '203.0.113.1' }), '429')
  t.strictSame(await sql('select from loads'), [])
})

t.test('trustProxy decides which source is recorded with a load', async t => {
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

t.test('always-200 keeps the status of a reply to somebody who is blocked', async t => {
  const { app } = await throttledHost(t, { perLogin: 1 }, { httpStatus: 'always-200' })
  await guess(app, 1)
  t.equal(await login(app), '429')
})

t.test('false sets no limits', async t => {
  const { app } = await throttledHost(t, false)
  t.strictSame(await guess(app, 30), ['401'])
  t.equal(await login(app), '201')
})

t.test('a known source that goes on guessing while it is blocked is a stranger in the end', async t => {
  const { pool, schema } = await demoSchema(t)
  const throttle = new LoginThrottle(
    { perLogin: 1, perSource: 9, perUsername: 9, window: 900_000, shared: false },
    { pool, schema, limits: { lockTimeout: 1_000, statementTimeout: 1_000 } })
  const attempt = (): LoginAttempt => throttle.attempt('user', HERE)
  await attempt().succeed()
  await attempt().fail()
  for (let guesses = 0; guesses < 10_000; guesses++) {
    if (!attempt().isKnown) t.fail(`a stranger after ${guesses} guesses`)
    await attempt().throwIfBlocked().then(() => t.fail('not blocked'), () => {})
  }
  t.equal(attempt().isKnown, false)
})
