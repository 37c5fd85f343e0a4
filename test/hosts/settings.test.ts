import formbody from '@fastify/formbody'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import qs from 'qs'
import t from 'tap'
import telcoNumbers from '../../lib/index.js'
import { demoSchema, PATH, type TestSchema } from '../support/host.js'
import { exercise } from './exercise.js'

/** The server options of a host, and its steps before and after it registers the plugin. */
interface Host {
  readonly server?: FastifyServerOptions
  readonly before?: (app: FastifyInstance) => unknown
  readonly after?: (app: FastifyInstance) => unknown
  readonly path?: string
}

const HOSTS: Readonly<Record<string, Host>> = {
  'with the defaults of Fastify': {},
  'with ignoreTrailingSlash': { server: { routerOptions: { ignoreTrailingSlash: true } } },
  'with ignoreDuplicateSlashes': { server: { routerOptions: { ignoreDuplicateSlashes: true } } },
  'without caseSensitive': { server: { routerOptions: { caseSensitive: false } }, path: PATH.toUpperCase() },
  'with useSemicolonDelimiter': { server: { useSemicolonDelimiter: true } },
  'with a query string parser of its own': { server: { routerOptions: { querystringParser: text => qs.parse(text) } } },
  'with formbody before': { before: app => app.register(formbody) },
  'with formbody after': { after: app => app.register(formbody) },
  'with an ajv that removes unknown properties': {
    server: { ajv: { customOptions: { removeAdditional: 'all', coerceTypes: false, allErrors: false } } }
  },
  'with a validator compiler that refuses everything': {
    before: app => { app.setValidatorCompiler(() => () => ({ error: new Error('foreign validator') })) }
  },
  'with a serializer compiler that replaces every reply': {
    before: app => { app.setSerializerCompiler(() => () => '"foreign serializer"') }
  },
  'with a reply serializer that replaces every reply': { before: app => { app.setReplySerializer(() => '"foreign serializer"') } },
  'with error and not found handlers': {
    before: app => {
      app.setErrorHandler((_error, _request, reply) => reply.code(418).send('host error'))
      app.setNotFoundHandler((_request, reply) => reply.code(404).send('host not found'))
    }
  },
  'with hooks that change payloads': {
    before: app => {
      app.addHook('preSerialization', async (_request, _reply, payload) => ({ wrapped: payload }))
      app.addHook('onSend', async (_request, _reply, payload) => payload)
    }
  },
  'with a JSON parser of its own': {
    before: app => { app.addContentTypeParser('application/json', { parseAs: 'string' }, async () => { throw new Error('host parser') }) }
  },
  'with exposeHeadRoutes': { server: { exposeHeadRoutes: true } },
  'without exposeHeadRoutes': { server: { exposeHeadRoutes: false } },
  'with a tiny body limit': { server: { bodyLimit: 1 } },
  'with a logger': { server: { logger: { level: 'trace', stream: { write: () => {} } } } },
  'without a logger': { server: { logger: false } }
}

async function registerIn (app: FastifyInstance, { pool, schema }: TestSchema): Promise<void> {
  await app.register(telcoNumbers, { pool, schema })
}

for (const [description, { server = {}, before = () => {}, after = () => {}, path = PATH }] of Object.entries(HOSTS)) {
  t.test(`works in a host ${description}`, async t => {
    const database = await demoSchema(t)
    const app = fastify(server)
    t.teardown(() => app.close())
    await before(app)
    await registerIn(app, database)
    await after(app)
    await exercise(t, app, path)
  })
}

t.test('works in a host that registers it below a prefix', async t => {
  const database = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(async scope => { await registerIn(scope, database) }, { prefix: '/outer' })
  await exercise(t, app, `/outer${PATH}`)
})

t.test('works in a host that uses HTTP/2', async t => {
  const database = await demoSchema(t)
  const app = fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: database.pool, schema: database.schema })
  await app.listen()
  const { connect } = await import('node:http2')
  const session = connect(app.listeningOrigin)
  const stream = session.request({
    ':path': `${PATH}?auth_username=user;auth_password=password;start=1;class=1;ingroup=1`, 'content-type': 'Application/JSON'
  })
  const payload = (await stream.setEncoding('utf8').toArray()).join('')
  session.close()
  t.equal(payload, '{"responses":[{"code":"200","key":"","message":"OK"}],"data":{"count":1}}')
})
