import fastify from 'fastify'
import t from 'tap'
import telcoNumbers, { type ReplySummary } from '../../lib/index.js'
import { callOf, demoSchema, PATH } from '../support/host.js'

t.test('gives hooks of the host the code and the count of a call, whatever its HTTP status', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  const summaries: Array<ReplySummary | undefined> = []
  app.addHook('onSend', async (_request, reply) => { summaries.push(reply.telcoNumbers) })
  await app.register(telcoNumbers, { pool, schema, httpStatus: 'always-200' })
  app.get('/host', async () => 'host')
  const numbers = { start: '10', end: '19', class: 1, ingroup: 1 }
  for (const url of [callOf(numbers), callOf({ ...numbers, start: '20', end: '29', validation: 1 }), callOf(numbers), PATH, '/host']) {
    t.equal((await app.inject(url)).statusCode, 200)
  }
  t.strictSame(summaries, [
    { code: 200, count: 10 }, { code: 201, count: 0 }, { code: 400, count: 0 }, { code: 401, count: 0 }, undefined
  ])
})
