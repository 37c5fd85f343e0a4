import fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { countArgon2 } from '../support/counted-argon2.js'
import { callOf, demoSchema } from '../support/host.js'
import { until } from '../support/until.js'
import { CHECK } from '../support/endpoint.js'

const { verifications, telcoNumbers } = await countArgon2(t)

async function codeOf (app: FastifyInstance, password: string, from = '192.0.2.1'): Promise<number> {
  const url = callOf({ ...CHECK, auth_password: password })
  return (await app.inject({ url, headers: { 'x-forwarded-for': from } })).statusCode
}

t.test('verifies at most two passwords at a time in a flood of wrong ones, and still serves a known caller', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify({ trustProxy: true })
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema, loginThrottle: { perUsername: 1_000_000 } })
  t.equal(await codeOf(app, 'password'), 201)

  let isOver = false
  // Ends the flood even if the test fails.
  t.teardown(() => { isOver = true })
  const replies = new Map<number, number>()
  const flood = Array.from({ length: 50 }, async (_, client) => {
    for (let attempt = 0; !isOver; attempt++) {
      const code = await codeOf(app, `guess ${attempt}`, `2001:db8:${client}:${attempt.toString(16)}::1`)
      replies.set(code, (replies.get(code) ?? 0) + 1)
    }
  })
  await until(() => verifications.running === 2)
  for (let call = 0; call < 20; call++) t.equal(await codeOf(app, 'password'), 201)
  isOver = true
  await Promise.all(flood)
  t.equal(verifications.mostAtOnce, 2)
  t.equal(verifications.running, 0)
  t.strictSame([...replies.keys()], [401])
})

t.test('verifies the same credentials of concurrent requests once', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema })
  const before = verifications.begun
  t.strictSame(new Set(await Promise.all(Array.from({ length: 20 }, () => codeOf(app, 'password')))), new Set([201]))
  t.ok(verifications.begun - before <= 2, `${verifications.begun - before} for 20 requests`)
})

t.test('replies 503 with Retry-After if too many verifications are queued', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify({ trustProxy: true })
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema, loginThrottle: false })
  const url = (password: string): string => callOf({ ...CHECK, auth_password: password })
  const replies = await Promise.all(Array.from({ length: 400 }, (_, place) => app.inject(url(`guess ${place}`))))
  const refused = replies.filter(reply => reply.statusCode === 503)
  t.ok(refused.length > 0 && refused.length < 399, `${refused.length}`)
  t.match(refused[0]?.headers, { 'retry-after': '5' })
  t.equal(verifications.mostAtOnce, 2)
})
