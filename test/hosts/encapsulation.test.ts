import fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import telcoNumbers from '../../lib/index.js'
import { callOf, demoSchema } from '../support/host.js'

/** A host whose routes show every part of Fastify that a plugin could change. */
function buildHost (lines: string[]): FastifyInstance {
  const app = fastify({
    genReqId: () => 'id', logger: { level: 'info', timestamp: false, base: null, stream: { write: (line: string) => { lines.push(line) } } }
  })
  app.get('/api/json/host', async request => ({ query: request.query }))
  app.post('/api/json/host', async request => ({ body: request.body }))
  app.get<{ Params: { id: number } }>('/validated/:id', {
    schema: { params: { type: 'object', properties: { id: { type: 'integer' } } }, response: { 200: { type: 'object', properties: { id: { type: 'integer' } } } } }
  }, async ({ params: { id } }) => ({ id, dropped: true }))
  app.get('/failing', async () => { throw new Error('host failure') })
  return app
}

const REQUESTS = [
  { url: '/api/json/host?a=1;b=2&c' },
  { method: 'HEAD', url: '/api/json/host' },
  { method: 'POST', url: '/api/json/host', payload: { a: 1 } },
  { method: 'POST', url: '/api/json/host', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'a=1' },
  { method: 'POST', url: '/api/json/host', headers: { 'content-type': 'application/json' }, payload: '{' },
  { method: 'PUT', url: '/api/json/host' },
  { url: '/validated/7' },
  { url: '/validated/x' },
  { url: '/failing' },
  { url: '/missing' },
  { url: '/api/json/numbers/system/update' }
] as const

async function observe (app: FastifyInstance, lines: string[]): Promise<unknown[]> {
  await app.ready()
  lines.length = 0
  const replies = []
  for (const request of REQUESTS) {
    const { statusCode, headers: { date, ...headers }, payload } = await app.inject(request)
    replies.push({ request, dated: date !== undefined, statusCode, headers, payload })
  }
  // Values that differ between two runs of the same host.
  const log = lines.map(line => line.replaceAll(/"responseTime":[^,}]+|"stack":"[^"]*"/g, ''))
  await app.close()
  return [replies, log]
}

t.test('leaves the replies and the log of the host\'s routes byte for byte unchanged', async t => {
  const { pool, schema } = await demoSchema(t)
  const lines: string[] = []
  const withoutPlugin = buildHost(lines)
  const withPlugin = buildHost(lines)
  await withPlugin.register(telcoNumbers, { pool, schema })
  t.equal((await withPlugin.inject(callOf({ start: '1', class: 1, ingroup: 1 }))).statusCode, 200)
  const expected = await observe(withoutPlugin, lines)
  t.strictSame(await observe(withPlugin, lines), expected)
})

t.test('adds only its decorator to the host', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema })
  t.ok(app.hasDecorator('telcoNumbers'))
  t.notOk(app.hasContentTypeParser('*'))
  t.ok(app.hasContentTypeParser('application/json'))
  t.equal(app.validatorCompiler, undefined)
})
