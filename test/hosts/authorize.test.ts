import t from 'tap'
import type { Authenticate, Authorize, TelcoNumbersOptions } from '../../lib/index.js'
import { call, callOf, demoHost } from '../support/host.js'
import { NUMBER, outcomeOf } from '../support/endpoint.js'

t.test('replies 402 to a call whose parameters the host refuses, and adds nothing', async t => {
  const calls: unknown[] = []
  const authorize: Authorize = async (person, { endpoint, parameters }, request) => {
    calls.push([person, endpoint, parameters, request.method])
    return parameters.customer === 3
  }
  const { app, sql } = await demoHost(t, { authorize, authenticate: () => ({ username: 'ann', privileges: ['system'] }) })
  t.strictSame(await call(app, { ...NUMBER, customer: 2 }), {
    responses: [{ code: '402', key: '', message: 'Your role does not allow this.' }]
  })
  t.strictSame(await sql('select from numbers'), [])
  t.strictSame(calls, [[{ username: 'ann', privileges: ['system'] }, 'numbers/system/create', {
    start: '2125550000', class: 1, ingroup: 2, alias: '', charge_customer: false, customer: 2, end: '', region: 0, validation: false, stype: 'number'
  }, 'GET']])
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, customer: 3 })), ['200'])
})

t.test('asks the host about people of the tables too, once they have the privilege', async t => {
  let count = 0
  const { app } = await demoHost(t, { authorize: ({ username }, { parameters }) => { count++; return username === 'user' && parameters.customer === 3 } })
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, customer: 3, auth_password: 'wrong' })), ['401'])
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, customer: 3, auth_username: 'clerk' })), ['402'])
  t.equal(count, 0)
  for (const start of ['1', '2', '3']) {
    t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, start, customer: 3 })), ['200'], 'a cached person')
    t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, start, customer: 2 })), ['402'], 'a cached person')
  }
})

t.test('decides before issues of the parameters are reported', async t => {
  const { app } = await demoHost(t, { authorize: (_person, { parameters }) => parameters.customer === 3 })
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, customer: 'x' })), ['402'])
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, customer: 3, class: 'x' })), ['400 class'])
})

t.test('names the option if a function of the host returns an invalid value', async t => {
  const messagesOf = async (options: TelcoNumbersOptions): Promise<unknown> => {
    const lines: string[] = []
    const { app } = await demoHost(t, options, { logger: { level: 'error', stream: { write: line => { lines.push(line) } } } })
    t.strictSame(await outcomeOf(app, callOf(NUMBER)), ['500'])
    return (JSON.parse(lines.join('')) as { err: { code: string, message: string } }).err
  }
  for (const person of [
    undefined, true, 'ann', {}, { username: 'ann' }, { username: 1, privileges: ['system'] }, { username: '', privileges: ['system'] },
    { username: 'ann', privileges: 'system' }, { username: 'ann', privileges: [1] }
  ]) {
    t.match(await messagesOf({ authenticate: (() => person) as unknown as Authenticate }), {
      code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: 'fastify-telco-numbers: option authenticate must return null, or a person'
    }, JSON.stringify(person))
  }
  for (const answer of [undefined, null, 1, 'yes', {}]) {
    t.match(await messagesOf({ authorize: (() => answer) as unknown as Authorize }), {
      code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: 'fastify-telco-numbers: option authorize must return true or false'
    }, JSON.stringify(answer))
  }
})
