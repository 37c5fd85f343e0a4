import t, { type Test } from 'tap'
import { callOf, DATABASE_URL, demoSchema } from '../../support/host.js'
import { startServer, type ServerProcess } from '../../support/server-process.js'
import { CHECK } from '../../support/endpoint.js'

const CLIENT = '192.0.2.1'

async function serve (t: Test, schema: string): Promise<ServerProcess & { origin: string }> {
  const server = startServer(t, { DATABASE_URL, SCHEMA: schema, LOGIN_THROTTLE_SHARED: 'true', TRUST_PROXY: 'true' })
  const [origin = ''] = /http:[^"\s]*?:\d+/.exec(await server.printed(/Listening on/)) ?? []
  return { ...server, origin }
}

async function login (origin: string, from: string, password = 'password'): Promise<number> {
  const url = `${origin}${callOf({ ...CHECK, auth_password: password })}`
  return (await fetch(url, { headers: { 'x-forwarded-for': from } })).status
}

t.test('100 wrong passwords from elsewhere do not lock a client out on another server or after a restart', async t => {
  const { schema } = await demoSchema(t)
  const [one, other] = [await serve(t, schema), await serve(t, schema)]
  t.equal(await login(one.origin, CLIENT), 201)
  const guesses = await Promise.all(Array.from({ length: 100 }, (_, place) => (
    login(one.origin, `203.0.113.${place}`, `guess ${place}`))))
  t.strictSame([...new Set(guesses)], [401])
  t.equal(await login(other.origin, '198.51.100.1'), 429, 'another source')
  t.equal(await login(other.origin, CLIENT), 201, 'the server that the client has not called yet')
  process.kill(one.pid, 'SIGTERM')
  t.equal(await one.ended, 0)
  const restarted = await serve(t, schema)
  t.equal(await login(restarted.origin, '198.51.100.1'), 429, 'another source, after the restart')
  t.equal(await login(restarted.origin, CLIENT), 201, 'the client, after the restart')
})
