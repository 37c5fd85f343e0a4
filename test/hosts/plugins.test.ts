import fastifyPostgres from '@fastify/postgres'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import { Validator } from '@seriousme/openapi-schema-validator'
import fastify from 'fastify'
import t from 'tap'
import telcoNumbers, { type Authenticate } from '../../lib/index.js'
import { CreateParameters } from '../../lib/parameters/create.js'
import { Credentials } from '../../lib/parameters/schema.js'
import { callOf, DATABASE_URL, demoSchema, PATH, type Answer } from '../support/host.js'
import { exercise } from './exercise.js'

interface Operation {
  readonly operationId: string
  readonly parameters?: ReadonlyArray<{ readonly name: string, readonly required?: boolean, readonly schema: object }>
  readonly responses: Readonly<Record<string, unknown>>
}

// As the specification writes it.
const DOCUMENTED_PATH = `${PATH}/`

t.test('describes the operation to @fastify/swagger once, completely, in valid OpenAPI 3.1', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(swagger, { openapi: { openapi: '3.1.0', info: { title: 'host', version: '1' } } })
  await app.register(telcoNumbers, { pool, schema })
  await app.register(telcoNumbers, { pool, schema, prefix: '/local/api/json' })
  await app.ready()
  const description = app.swagger()
  t.match(await new Validator().validate(JSON.parse(JSON.stringify(description)) as Record<string, unknown>), { valid: true })

  const paths = description.paths as Record<string, Record<string, Operation>>
  t.strictSame(Object.keys(paths), [DOCUMENTED_PATH, `/local${DOCUMENTED_PATH}`])
  const operations = Object.values(paths).flatMap(path => Object.values(path))
  t.strictSame(Object.keys(paths[DOCUMENTED_PATH] ?? {}), ['post', 'get'])
  t.equal(new Set(operations.map(operation => operation.operationId)).size, 4)
  t.strictSame(Object.keys(paths[DOCUMENTED_PATH]?.get?.responses ?? {}), [
    '200', '201', '400', '401', '402', '404', '405', '413', '415', '429', '500', '503'
  ])

  const parameters = paths[DOCUMENTED_PATH]?.get?.parameters ?? []
  t.strictSame(parameters.map(parameter => parameter.name), [
    ...Object.keys(Credentials.properties), ...Object.keys(CreateParameters.properties)
  ])
  t.strictSame(parameters.filter(parameter => parameter.required).map(parameter => parameter.name), [
    'auth_username', 'auth_password', 'start', 'class', 'ingroup'
  ])
  t.strictSame(parameters.filter(parameter => 'x-credential' in parameter.schema).map(parameter => parameter.name), [
    'auth_username', 'auth_password'
  ])
  t.match(parameters.find(parameter => parameter.name === 'auth_password'), { schema: { format: 'password' } })
  await exercise(t, app)
})

t.test('replies in an envelope if @fastify/rate-limit refuses a request', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(rateLimit, { global: true, max: 1 })
  await app.register(telcoNumbers, { pool, schema })
  await app.inject(callOf({ start: '1', class: 1, ingroup: 1 }))
  const limited = await app.inject(callOf({ start: '2', class: 1, ingroup: 1 }))
  t.equal(limited.statusCode, 429)
  t.strictSame(limited.json<Answer>(), { responses: [{ code: '429', key: '', message: 'Too many requests: try again later.' }] })
  t.ok(limited.headers['retry-after'])
})

t.test('uses the pool of @fastify/postgres, and leaves it open', async t => {
  const { schema } = await demoSchema(t)
  const app = fastify()
  await app.register(fastifyPostgres, { connectionString: DATABASE_URL })
  app.addHook('onClose', async ({ pg }) => { t.equal((await pg.query('select 1')).rowCount, 1) })
  await app.register(telcoNumbers, { schema })
  await exercise(t, app)
  await app.close()
})

t.test('needs no people in a host with its own authentication', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  await sql('truncate people, roles_access, roles')
  const app = fastify()
  t.teardown(() => app.close())
  app.decorateRequest('user', '')
  app.addHook('preHandler', async request => { Object.assign(request, { user: request.headers['x-user'] }) })
  const authenticate: Authenticate = request => {
    const user: unknown = 'user' in request ? request.user : undefined
    return typeof user === 'string' ? { username: user, privileges: user === 'admin' ? ['system'] : [] } : null
  }
  await app.register(telcoNumbers, { pool, schema, authenticate })
  const codes = []
  for (const headers of [{}, { 'x-user': 'guest' }, { 'x-user': 'admin' }]) {
    codes.push((await app.inject({ url: `${PATH}?start=1;class=1;ingroup=1`, headers })).statusCode)
  }
  t.strictSame(codes, [401, 402, 200])
  t.strictSame(await sql('select person from loads'), [{ person: 'admin' }])
})
