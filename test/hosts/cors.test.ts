import cors, { type FastifyCorsOptions } from '@fastify/cors'
import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import telcoNumbers from '../../lib/index.js'
import { demoSchema, PATH } from '../support/host.js'

const HEADERS = { origin: 'https://client.example.com', 'access-control-request-method': 'POST' }

async function hostWith (t: Test, options: FastifyCorsOptions, order: 'before' | 'after' | 'inside'): Promise<FastifyInstance> {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  const registerCors = async (scope: FastifyInstance): Promise<void> => { await scope.register(cors, options) }
  const registerPlugin = async (scope: FastifyInstance): Promise<void> => { await scope.register(telcoNumbers, { pool, schema }) }
  if (order === 'before') await registerCors(app)
  if (order === 'inside') {
    await app.register(async scope => {
      await registerCors(scope)
      await registerPlugin(scope)
    })
  } else {
    await registerPlugin(app)
  }
  if (order === 'after') await registerCors(app)
  return app
}

for (const order of ['before', 'after', 'inside'] as const) {
  for (const hook of ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const) {
    t.test(`leaves a preflight to @fastify/cors in the hook ${hook}, registered ${order}`, async t => {
      const app = await hostWith(t, { hook, origin: true }, order)
      const reply = await app.inject({ method: 'OPTIONS', url: PATH, headers: HEADERS })
      t.match([reply.statusCode, reply.headers['access-control-allow-origin'], reply.body], [204, HEADERS.origin, ''])
    })
  }
}

t.test('ends a preflight that @fastify/cors passes on with the headers of @fastify/cors', async t => {
  const app = await hostWith(t, { origin: true, preflightContinue: true }, 'before')
  const reply = await app.inject({ method: 'OPTIONS', url: PATH, headers: HEADERS })
  t.match([reply.statusCode, reply.headers['access-control-allow-origin']], [204, HEADERS.origin])
})

t.test('refuses OPTIONS that is not a preflight, and every preflight in a host without CORS', async t => {
  const app = await hostWith(t, { origin: true, hook: 'preHandler' }, 'before')
  t.equal((await app.inject({ method: 'OPTIONS', url: PATH })).statusCode, 405)
  const { pool, schema } = await demoSchema(t)
  const plain = fastify()
  t.teardown(() => plain.close())
  await plain.register(telcoNumbers, { pool, schema })
  const reply = await plain.inject({ method: 'OPTIONS', url: PATH, headers: HEADERS })
  t.match([reply.statusCode, reply.headers.allow], [405, 'GET, POST'])
})
