import fastify from 'fastify'
import t from 'tap'
import telcoNumbers from '../../lib/index.js'
import { demoSchema } from '../support/host.js'
import { exercise } from './exercise.js'

t.test('serves several prefixes, on several schemas or one', async t => {
  const first = await demoSchema(t)
  const second = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: first.pool, schema: first.schema })
  await app.register(telcoNumbers, { pool: second.pool, schema: second.schema, prefix: '/local/api/json' })
  await app.register(telcoNumbers, { pool: second.pool, schema: second.schema, prefix: '/third' })
  await exercise(t, app)
  await exercise(t, app, '/local/api/json/numbers/system/create')
  t.match(await first.sql('select count(*)::integer as count from numbers'), await second.sql('select count(*)::integer as count from numbers'))

  await app.telcoNumbers.create({ start: '91', class: 1, ingroup: 1 })
  await app.telcoNumbers.at('/api/json')?.create({ start: '92', class: 1, ingroup: 1 })
  await app.telcoNumbers.at('/local/api/json')?.create({ start: '93', class: 1, ingroup: 1 })
  await app.telcoNumbers.at('/third')?.create({ start: '94', class: 1, ingroup: 1 })
  t.equal(app.telcoNumbers.at('/fourth'), undefined)
  const numbers = `select number from numbers where number like '9_' order by number`
  t.strictSame(await first.sql(numbers), [{ number: '91' }, { number: '92' }])
  t.strictSame(await second.sql(numbers), [{ number: '93' }, { number: '94' }])
})

t.test('refuses a second registration at the same prefix', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema })
  await t.rejects(async () => { await app.register(telcoNumbers, { pool, schema }) }, {
    code: 'TELCO_NUMBERS_PREFIX_TAKEN', message: 'numbers/system/create is registered at the prefix "/api/json" already: choose another'
  })
})

t.test('refuses it even with other endpoints', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema })
  await t.rejects(async () => { await app.register(telcoNumbers, { pool, schema, endpoints: ['get'] }) }, {
    code: 'TELCO_NUMBERS_PREFIX_TAKEN', message: 'numbers/system is registered at the prefix "/api/json" already: choose another'
  })
})

t.test('isolates registrations in sibling scopes', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  for (const prefix of ['/a', '/b']) {
    await app.register(async scope => {
      await scope.register(telcoNumbers, { pool, schema })
      t.ok(scope.telcoNumbers.at(`${prefix}/api/json`))
    }, { prefix })
  }
  t.notOk(app.hasDecorator('telcoNumbers'))
  t.equal((await app.inject('/b/api/json/numbers/system/create')).statusCode, 401)
})
