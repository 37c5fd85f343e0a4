import fastify from 'fastify'
import t from 'tap'
import telcoNumbers, { type ReplySummary } from '../../lib/index.js'
import { callOf, demoSchema, PATH } from '../support/host.js'

t.test('hooks of the host learn what a call came to, whatever its HTTP status is', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  const outcomes: Array<ReplySummary | undefined> = []
  app.addHook('onSend', async (_request, reply) => { outcomes.push(reply.telcoNumbers) })
  await app.register(telcoNumbers, { pool, schema, httpStatus: 'always-200' })
  app.get('/host', async () => 'host')
  const numbers = { start: '10', end: '19', class: 1, ingroup: 1 }
  for (const url of [callOf(numbers), callOf({ ...numbers, start: '20', end: '29', validation: 1 }), callOf(numbers), PATH, '/host']) {
    t.equal((await app.inject(url)).statusCode, 200)
  }
  t.strictSame(outcomes, [
    { code: 200, count: 10 }, { code: 201, count: 0 }, { code: 400, count: 0 }, { code: 401, count: 0 }, undefined
  ])
})
