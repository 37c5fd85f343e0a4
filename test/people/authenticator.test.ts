import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { hashPassword } from '../../lib/people/passwords.js'
import { costOf, countArgon2 } from '../support/counted-argon2.js'
import { call, callOf, demoHost, demoSchema } from '../support/host.js'

const CHECK = { start: '2125550000', class: 1, ingroup: 2, validation: 1 }

/** Returns the code of the reply. */
async function codeOf (app: FastifyInstance, username = 'user', password = 'password'): Promise<string | undefined> {
  return (await call(app, { ...CHECK, auth_username: username, auth_password: password })).responses[0]?.code
}

t.test('records the load with the username', async t => {
  const { app, sql } = await demoHost(t)
  await call(app, { ...CHECK, validation: 0 })
  t.strictSame(await sql('select person from loads'), [{ person: 'user' }])
})

t.test('accepts any text as username and password, and compares it exactly', async t => {
  const { app, sql } = await demoHost(t)
  const username = 'Jürgen "M&M"; €'
  const password = ' +%;&=\'"\\😀'
  await sql('insert into people (username, password_hash, role) values ($1, $2, 1)', [username, await hashPassword(password)])
  t.equal(await codeOf(app, username, password), '201')
  t.equal(await codeOf(app, username.toLowerCase(), password), '401')
  t.equal(await codeOf(app, username, password.trim()), '401')
  t.equal(await codeOf(app, `${username} `, password), '401')
})

t.test('accepts a changed password immediately, and refuses the old one', async t => {
  const { app, sql } = await demoHost(t)
  t.equal(await codeOf(app), '201')
  await sql('update people set password_hash = $1 where username = \'user\'', [await hashPassword('changed')])
  t.equal(await codeOf(app), '401')
  t.equal(await codeOf(app, 'user', 'changed'), '201')
})

t.test('applies a changed role, and changed privileges of a role, immediately', async t => {
  const { app, sql } = await demoHost(t)
  t.equal(await codeOf(app), '201')
  await sql('update people set role = 2 where username = \'user\'')
  t.equal(await codeOf(app), '402')
  await sql('insert into roles_access (role, privilege) values (2, \'system\')')
  t.equal(await codeOf(app), '201')
  await sql('delete from roles_access where role = 2')
  t.equal(await codeOf(app), '402')
})

t.test('replies 401 to a disabled person immediately, and accepts an enabled one again', async t => {
  const { app, sql } = await demoHost(t)
  t.equal(await codeOf(app), '201')
  await sql('update people set enabled = false')
  t.equal(await codeOf(app), '401')
  t.equal(await codeOf(app, 'clerk'), '401')
  await sql('update people set enabled = true')
  t.equal(await codeOf(app), '201')
})

t.test('replies 401 to a deleted person immediately', async t => {
  const { app, sql } = await demoHost(t)
  t.equal(await codeOf(app), '201')
  await sql('delete from people where username = \'user\'')
  t.equal(await codeOf(app), '401')
})

t.test('replies 401 if the stored hash is malformed', async t => {
  const { app, sql } = await demoHost(t)
  for (const stored of ['', 'password', '$argon2id$v=19$m=1', '*']) {
    await sql('update people set password_hash = $1', [stored])
    t.equal(await codeOf(app), '401', stored)
    t.equal(await codeOf(app, 'user', stored), '401', stored)
  }
})

t.test('verifies one hash of the same cost at every failed login, so the time of a reply does not reveal who exists', async t => {
  const { verifications, telcoNumbers } = await countArgon2(t)
  const { pool, schema, sql } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema, loginThrottle: false })
  const hash = await hashPassword('password')
  await sql(`insert into people (username, password_hash, role, enabled)
    values ('disabled', $1, 1, false), ('locked', '!', 1, true)`, [hash])
  // The hash of the demo data is cheap in tests.
  await sql(`update people set password_hash = $1 where username = 'user'`, [hash])
  for (const [username, password] of [
    ['user', 'wrong'], ['unknown', 'wrong'], ['unkn\0wn', 'wrong'], ['disabled', 'wrong'], ['disabled', 'password'], ['locked', 'wrong']
  ] as const) {
    verifications.costs.length = 0
    t.equal(await codeOf(app, username, password), '401', username)
    t.strictSame(verifications.costs, [costOf(hash)], `${username} with the password ${password}`)
  }
})

t.test('accepts a caller on a Unix socket, who has no address', async t => {
  const { app, sql } = await demoHost(t)
  // Outside the folder of the test, because the path of a socket must be short.
  const folder = await mkdtemp(join(tmpdir(), 'telco-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const path = join(folder, 'socket')
  await app.listen({ path })
  const [response] = await once(
    get({ socketPath: path, path: callOf({ ...CHECK, validation: 0 }), agent: false }), 'response') as [IncomingMessage]
  response.resume()
  t.equal(response.statusCode, 200)
  t.strictSame(await sql('select person, source from loads'), [{ person: 'user', source: null }])
})
