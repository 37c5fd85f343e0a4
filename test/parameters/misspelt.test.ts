import t from 'tap'
import { findMisspelt } from '../../lib/parameters/misspelt.js'
import { call, callOf, demoHost, keysOf, USER } from '../support/host.js'
import { FORM, JSON_OBJECT, NUMBER, outcomeOf, post } from '../support/endpoint.js'

const PARAMETERS = ['auth_username', 'auth_password', 'start', 'class', 'charge_customer', 'customer', 'end', 'region', 'validation', 'stype']

t.test('finds the parameter that a name misspells', async t => {
  for (const [meant, names] of Object.entries({
    start: ['Start', 'START', 'strat', 'tart', 'startt', 'stqrt', ' start', 's-tart'],
    end: ['End', 'en', 'ends', 'edn'],
    region: ['regions', 'regon', 'REGIONS'],
    customer: ['custmer', 'custoemr', 'custumers', 'customer[]', 'Kustomer'],
    charge_customer: ['charge-customer', 'chargeCustomer', 'Charge-Customers', 'charge_custmr'],
    validation: ['validate', 'valdiation', 'validations'],
    auth_password: ['auth-password', 'authPassword', 'auth_passwort']
  })) {
    for (const name of names) t.equal(findMisspelt(name, PARAMETERS), meant, name)
  }
})

t.test('finds none for a name that is further from every parameter', async t => {
  for (const name of [
    '', '_', 'x', 'st', 'starting', 'regoin_', 'regionen', 'regi', 'e', 'endless', 'customer_id', 'cust', 'valid', 'number', 'limit', 'shortcut',
    'format', 'callback', 'lang', 'token', 'constructor', '__proto__', 'x'.repeat(60_000)
  ]) t.equal(findMisspelt(name, PARAMETERS), undefined, name.slice(0, 20))
})

t.test('refuses a call with a misspelt parameter, and adds nothing', async t => {
  const { app, sql } = await demoHost(t)
  t.strictSame(await call(app, { ...NUMBER, validate: 1 }), {
    responses: [{ code: '400', key: 'validate', message: 'this parameter does not exist: use validation' }]
  })
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, custmer: 3 })), ['400 custmer'])
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, 'auth-password': 'x' })), ['400 auth-password'])
  t.strictSame(await outcomeOf(app, post(FORM, 'Region=1', callOf(NUMBER))), ['400 Region'])
  t.strictSame(await outcomeOf(app, post(JSON_OBJECT, '{"ende":"2125550001"}', callOf(NUMBER))), ['400 ende'])
  t.strictSame(await sql('select from numbers'), [])
})

t.test('reports misspelt parameters after the others, once each, in the order of the call', async t => {
  const { app } = await demoHost(t)
  t.strictSame(keysOf(await call(app, { regoin: 1, 'end ': 1, ...USER, class: 'x', ingroup: 2 })), ['start', 'class', 'regoin', 'end '])
  t.strictSame(await outcomeOf(app, `${callOf(NUMBER)}&alais=1&alais=2`), ['400 alais'])
})

t.test('checks the credentials before the names', async t => {
  const { app } = await demoHost(t)
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, validate: 1, auth_password: 'wrong' })), ['401'])
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, validate: 1, auth_username: 'clerk' })), ['402'])
})

t.test('ignores other unknown names', async t => {
  const { app } = await demoHost(t)
  t.strictSame(await outcomeOf(app, callOf({ ...NUMBER, format: 'json', customer_id: 9, _: 1 })), ['200'])
})

t.test('refuses misspelt parameters of host code', async t => {
  const { app, sql } = await demoHost(t)
  const parameters = { start: '1', class: 1, ingroup: 1, chargeCustomer: true }
  await t.rejects(app.telcoNumbers.create(parameters), {
    code: 'TELCO_NUMBERS_INVALID_PARAMETERS', issues: [{ key: 'chargeCustomer', message: 'this parameter does not exist: use charge_customer' }]
  })
  t.strictSame(await sql('select from numbers'), [])
})
