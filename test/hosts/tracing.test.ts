import { FastifyOtelInstrumentation } from '@fastify/otel'
import { context, propagation, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import fastify from 'fastify'
import t from 'tap'
import telcoNumbers, { redactCredentials } from '../../lib/index.js'
import { callOf, demoSchema, PATH } from '../support/host.js'

const CREDENTIALS = { auth_username: 'SECRETUSER', auth_password: 'SECRETPASSWORD' }

t.test('makes spans without credentials in a host that sets up OpenTelemetry as documented', async t => {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({
    spanProcessors: [
      { onStart () {}, onEnd: redactCredentials, async forceFlush () {}, async shutdown () {} },
      new SimpleSpanProcessor(exporter)
    ]
  })
  provider.register()
  t.teardown(async () => {
    for (const api of [trace, context, propagation]) api.disable()
    await provider.shutdown()
  })
  const instrumentation = new FastifyOtelInstrumentation()

  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(instrumentation.plugin())
  const traces: Array<string | undefined> = []
  await app.register(telcoNumbers, {
    pool,
    schema,
    authenticate: (_request, { auth_username: username }) => {
      traces.push(trace.getActiveSpan()?.spanContext().traceId)
      return username === CREDENTIALS.auth_username ? { username: 'ann', privileges: ['system'] } : null
    }
  })
  const url = callOf({ ...CREDENTIALS, start: '1', class: 1, ingroup: 1 })
  t.equal((await app.inject(url)).statusCode, 200)
  t.equal((await app.inject(url.replaceAll('&', ';'))).statusCode, 400)
  t.equal((await app.inject({ method: 'PUT', url })).statusCode, 405)
  t.equal((await app.inject(url.replace('?', '/below?'))).statusCode, 404)
  t.equal((await app.inject(url.replace('create', 'other'))).statusCode, 404)

  const spans = exporter.getFinishedSpans()
  const requests = spans.filter(({ name }) => name === 'request').map(({ attributes }) => attributes)
  t.match(requests, [
    { 'http.request.method': 'GET', 'http.route': PATH, 'url.path': `${PATH}[redacted]`, 'http.response.status_code': 200 },
    { 'http.response.status_code': 400 }, { 'http.response.status_code': 405 }, { 'http.response.status_code': 404 }
  ])
  t.match(spans[0]?.spanContext().traceId, traces[0], 'the host\'s own code runs inside the span')
  t.notMatch(JSON.stringify(spans.map(({ name, attributes, events, links }) => ({ name, attributes, events, links }))), 'SECRET')
})
