import { Value } from '@sinclair/typebox/value'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { create } from '../../lib/api/numbers/system/create.js'
import { Envelope } from '../../lib/http/envelope.js'
import { replySchemas } from '../../lib/http/reply-schemas.js'
import { callOf, demoHost, PATH, type TestHost } from '../support/host.js'
import { CHECK, NUMBER, post } from '../support/endpoint.js'

const SCHEMAS = replySchemas(create)

/** A call for each code that the endpoint itself sends. */
const CALLS: ReadonlyArray<readonly [code: number, request: InjectOptions]> = [
  [200, { url: callOf(NUMBER) }],
  [201, { url: callOf({ ...CHECK, start: '1' }) }],
  [400, { url: callOf({}) }],
  [401, { url: PATH }],
  [402, { url: callOf({ auth_username: 'clerk' }) }],
  [404, { url: `${PATH}/below` }],
  [405, { method: 'PUT', url: PATH }],
  [413, post('text/plain', 'x'.repeat(65_537))],
  [415, post('text/plain', 'x')]
]

/** Makes every call and returns the HTTP status of each code. */
async function statusesOf ({ app }: TestHost): Promise<Record<number, number>> {
  const statuses = CALLS.map(async ([code, request]) => [code, (await app.inject(request)).statusCode] as const)
  return Object.fromEntries(await Promise.all(statuses))
}

t.test('sends every reply as a JSON envelope that must not be stored', async t => {
  const { app } = await demoHost(t)
  for (const [code, request] of CALLS) {
    const reply = await app.inject(request)
    t.equal(reply.headers['content-type'], 'application/json; charset=utf-8', `${code}`)
    t.equal(reply.headers['cache-control'], 'no-store', `${code}`)
    const schema = SCHEMAS[code]
    t.ok(schema !== undefined && Value.Check(schema, [Envelope], reply.json()), `${code} is described`)
    const { responses, data, ...others } = reply.json<{ responses: unknown[], data?: unknown }>()
    t.equal(responses.length, code === 400 ? 3 : 1, `${code}`)
    for (const entry of responses) {
      t.match(entry, { code: String(code), key: code === 400 ? /^\w+$/ : '', message: /./ })
      t.strictSame(Object.keys(entry as object), ['code', 'key', 'message'])
    }
    t.strictSame(data, { 200: { count: 1 }, 201: { count: 0 } }[code], `${code}`)
    t.strictSame(others, {}, `${code}`)
  }
})

t.test('sends the code as the HTTP status', async t => {
  t.strictSame(await statusesOf(await demoHost(t)), Object.fromEntries(CALLS.map(([code]) => [code, code])))
})

t.test('sends the codes of the specification with HTTP 200 for always-200, and the others unchanged', async t => {
  t.strictSame(await statusesOf(await demoHost(t, { httpStatus: 'always-200' })), {
    200: 200, 201: 200, 400: 200, 401: 200, 402: 200, 404: 404, 405: 405, 413: 413, 415: 415
  })
})

t.test('sends the same envelope for always-200', async t => {
  const hosts = [await demoHost(t), await demoHost(t, { httpStatus: 'always-200' })]
  for (const [code, request] of CALLS) {
    const [plain, always] = await Promise.all(hosts.map(async ({ app }) => (await app.inject(request)).body))
    t.equal(always, plain, `${code}`)
  }
})
