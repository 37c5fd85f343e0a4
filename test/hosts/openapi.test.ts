import swagger, { type SwaggerOptions } from '@fastify/swagger'
import { Validator } from '@seriousme/openapi-schema-validator'
import fastify, { type FastifyInstance } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import {
  fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers, serializerCompiler as openApiSerializer,
  validatorCompiler as openApiValidator
} from 'fastify-zod-openapi'
import t, { type Test } from 'tap'
import { z } from 'zod'
import telcoNumbers, { type TelcoNumbersOptions } from '../../lib/index.js'
import { call, demoSchema, PATH } from '../support/host.js'
import { NUMBER } from '../support/endpoint.js'
import { exercise } from './exercise.js'

const OPERATION = `${PATH}/`
const INFO = { title: 'host', version: '1' }

const VERSIONS: Readonly<Record<string, SwaggerOptions>> = {
  'Swagger 2.0': {},
  'OpenAPI 3.0': { openapi: { info: INFO } },
  'OpenAPI 3.1': { openapi: { openapi: '3.1.0', info: INFO } }
}

interface Schema {
  readonly enum?: readonly unknown[]
  readonly example?: unknown
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

interface Media {
  readonly schema: Schema
  readonly examples?: {
    readonly example: { readonly value: { readonly responses: ReadonlyArray<{ readonly code: string }>, readonly data?: object } }
  }
}

interface Parameter {
  readonly name: string
  readonly required: boolean
  readonly schema: Schema
  readonly examples?: object
}

interface Reply {
  readonly description: string
  readonly content: Readonly<Record<string, Media>>
}

interface Operation {
  readonly tags?: readonly string[]
  readonly security?: readonly unknown[]
  readonly parameters: readonly Parameter[]
  readonly requestBody: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, Reply>>
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<'get' | 'post', Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, { readonly title?: string }>> }
}

async function hostWith (t: Test, swaggerOptions: SwaggerOptions, options: TelcoNumbersOptions = {}): Promise<FastifyInstance> {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(swagger, swaggerOptions)
  await app.register(telcoNumbers, { pool, schema, ...options })
  await app.ready()
  return app
}

/** Returns the description of a host as it is served. */
function descriptionOf (app: FastifyInstance): Description {
  return JSON.parse(JSON.stringify(app.swagger())) as Description
}

async function validate (t: Test, app: FastifyInstance): Promise<void> {
  const result = await new Validator().validate(JSON.parse(JSON.stringify(app.swagger())) as Record<string, unknown>)
  t.match(result, { valid: true }, JSON.stringify(result.errors?.slice(0, 3)))
}

for (const [version, options] of Object.entries(VERSIONS)) {
  t.test(`is described in valid ${version}, without anyOf and const`, async t => {
    const app = await hostWith(t, options)
    await validate(t, app)
    t.notMatch(JSON.stringify(app.swagger()), /"(anyOf|const|hint)":/)
  })
}

t.test('gives examples that can be sent, and enumerates the values of flags', async t => {
  const app = await hostWith(t, VERSIONS['OpenAPI 3.0'] ?? {})
  const { get, post } = descriptionOf(app).paths[OPERATION] ?? {}
  const examples = get?.parameters.flatMap(({ name, examples }) => examples === undefined ? [] : [[name, examples] as const])
  t.strictSame(Object.fromEntries(examples ?? []), {
    auth_username: { example: { value: 'user' } }, auth_password: { example: { value: 'password' } },
    start: { example: { value: '2125550000' } }, class: { example: { value: 1 } }, ingroup: { example: { value: 2 } }
  })
  t.match(get?.parameters.find(({ name }) => name === 'validation')?.schema, { type: 'integer', enum: [0, 1], default: 0 })
  t.match(get?.parameters.find(({ name }) => name === 'stype')?.schema, { type: 'string', enum: ['number', 'callerid'], default: 'number' })
  const payload = post?.requestBody.content['application/json']?.schema.example
  t.strictSame(payload, { auth_username: 'user', auth_password: 'password', start: '2125550000', class: 1, ingroup: 2 })
  t.match((await app.inject({ method: 'POST', url: PATH, payload: payload as object })).json(), { data: { count: 1 } })
})

t.test('describes one media type for POST, which every client generator sends, and POST before GET', async t => {
  const app = await hostWith(t, VERSIONS['OpenAPI 3.1'] ?? {})
  const operations = descriptionOf(app).paths[OPERATION]
  t.strictSame(Object.keys(operations ?? {}), ['post', 'get'])
  t.strictSame(Object.keys(operations?.post.requestBody.content ?? {}), ['application/json'])
})

t.test('describes the envelope once, and gives every reply an example with data only if it has some', async t => {
  const app = await hostWith(t, VERSIONS['OpenAPI 3.1'] ?? {})
  const { paths, components } = descriptionOf(app)
  t.match(Object.values(components.schemas), [{ title: 'TelcoNumbersEnvelope' }])
  t.equal(Object.keys(components.schemas).length, 1)
  t.equal(JSON.stringify({ paths, components }).split('Three digits').length, 2)
  for (const { responses } of Object.values(paths[OPERATION] ?? {})) {
    for (const [code, { description, content }] of Object.entries(responses)) {
      const { schema, examples } = content['application/json'] ?? { schema: {} }
      t.match(description, /\.$/)
      const hasData = code === '200' || code === '201'
      t.match(examples?.example.value.responses, [{ code }])
      t.equal(examples?.example.value.data !== undefined, hasData, code)
      t.equal(JSON.stringify(schema).includes('"data"'), hasData, code)
    }
  }
})

t.test('requires no credentials if the host authenticates, and describes its security, tags and visibility', async t => {
  const openapi: SwaggerOptions = {
    openapi: { info: INFO, components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }, security: [{ token: [] }] }
  }
  const authenticate = () => ({ username: 'ann', privileges: ['system'] })
  const own = descriptionOf(await hostWith(t, openapi, {
    authenticate, openapi: { tags: ['numbers'], security: [{ token: ['create'] }] }
  })).paths[OPERATION]
  t.match(own, { get: { tags: ['numbers'], security: [{ token: ['create'] }] }, post: { tags: ['numbers'] } })
  t.strictSame(own?.get.parameters.filter(({ required }) => required).map(({ name }) => name), ['start', 'class', 'ingroup'])
  t.strictSame(own?.post.requestBody.content['application/json']?.schema.required, ['start', 'class', 'ingroup'])
  t.equal(descriptionOf(await hostWith(t, openapi, { authenticate })).paths[OPERATION]?.get.security, undefined, 'that of the host')

  const people = descriptionOf(await hostWith(t, openapi)).paths[OPERATION]
  t.strictSame(people?.get.security, [])
  t.strictSame(Object.keys(descriptionOf(await hostWith(t, openapi, { openapi: { hide: true } })).paths), [])
})

t.test('does not break the description of a host with fastify-type-provider-zod', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify().withTypeProvider<ZodTypeProvider>()
  t.teardown(() => app.close())
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  await app.register(swagger, { openapi: { info: INFO }, transform: jsonSchemaTransform })
  await app.register(telcoNumbers, { pool, schema })
  const id = z.object({ id: z.string() })
  app.get('/own', { schema: { querystring: id, response: { 200: id } } }, async request => ({ id: request.query.id }))
  await app.ready()
  await validate(t, app)
  t.match(descriptionOf(app).paths, { '/own': { get: { parameters: [{ name: 'id' }] } }, [OPERATION]: { post: {} } })
  t.equal((await app.inject('/own?id=1')).body, '{"id":"1"}')
  await exercise(t, app)
})

t.test('does not break the description of a host with fastify-zod-openapi', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  app.setValidatorCompiler(openApiValidator)
  app.setSerializerCompiler(openApiSerializer)
  await app.register(fastifyZodOpenApiPlugin)
  await app.register(swagger, { openapi: { openapi: '3.1.0', info: INFO }, ...fastifyZodOpenApiTransformers })
  await app.register(telcoNumbers, { pool, schema })
  app.get('/own', { schema: { querystring: z.object({ id: z.string() }) } }, async () => 'own')
  await app.ready()
  await validate(t, app)
  t.match(descriptionOf(app).paths, { '/own': { get: { parameters: [{ name: 'id' }] } }, [OPERATION]: { post: {} } })
  t.match(await call(app, NUMBER), { data: { count: 1 } })
})
