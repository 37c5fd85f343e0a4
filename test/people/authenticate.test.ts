import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { hashPassword } from '../../lib/people/passwords.js'
import { call, demoHost } from '../helper.js'

const CHECK = { start: '2125550000', class: 1, ingroup: 2, validation: 1 }

/** What the function says to somebody. */
async function codeOf (app: FastifyInstance, username = 'user', password = 'password'): Promise<string | undefined> {
  return (await call(app, { ...CHECK, auth_username: username, auth_password: password })).responses[0]?.code
}

t.test('the load is recorded with the username', async t => {
  const { app, sql } = await demoHost(t)
  await call(app, { ...CHECK, validation: 0 })
  t.strictSame(await sql('select person from loads'), [{ person: 'user' }])
})

t.test('usernames and passwords may be any text, and count to the letter', async t => {
  const { app, sql } = await demoHost(t)
  const username = 'Jürgen "M&M"; €'
  const password = ' +%;&=\'"\\😀'
  await sql('insert into people (username, password_hash, role) values ($1, $2, 1)', [username, await hashPassword(password)])
  t.equal(await codeOf(app, username, password), '201')
  t.equal(await codeOf(app, username.toLowerCase(), password), '401')
  t.equal(await codeOf(app, username, password.trim()), '401')
  t.equal(await codeOf(app, `${username} `, password), '401')
})

t.test('a changed password counts at once, in both directions', async t => {
  const { app, sql } = await demoHost(t)
  t.equal(await codeOf(app), '201')
  await sql('update people set password_hash = $1 where username = \'user\'', [await hashPassword('changed')])
  t.equal(await codeOf(app), '401')
  t.equal(await codeOf(app, 'user', 'changed'), '201')
})

t.test('a changed role, and changed privileges of a role, count at once', async t => {
  const { app, sql } = await demoHost(t)
  t.equal(await codeOf(app), '201')
  await sql('update people set role = 2 where username = \'user\'')
  t.equal(await codeOf(app), '402')
  await sql('insert into roles_access (role, privilege) values (2, \'system\')')
  t.equal(await codeOf(app), '201')
  await sql('delete from roles_access where role = 2')
  t.equal(await codeOf(app), '402')
})

t.test('a person who may not log in is 401 at once, and welcome again later', async t => {
  const { app, sql } = await demoHost(t)
  t.equal(await codeOf(app), '201')
  await sql('update people set enabled = false')
  t.equal(await codeOf(app), '401')
  t.equal(await codeOf(app, 'clerk'), '401')
  await sql('update people set enabled = true')
  t.equal(await codeOf(app), '201')
})

t.test('a person who was deleted is 401 at once', async t => {
  const { app, sql } = await demoHost(t)
  t.equal(await codeOf(app), '201')
  await sql('delete from people where username = \'user\'')
  t.equal(await codeOf(app), '401')
})

t.test('a stored hash that is malformed is 401', async t => {
  const { app, sql } = await demoHost(t)
  for (const stored of ['', 'password', '$argon2id$v=19$m=1', '*']) {
    await sql('update people set password_hash = $1', [stored])
    t.equal(await codeOf(app), '401', stored)
    t.equal(await codeOf(app, 'user', stored), '401', stored)
  }
})

t.test('an unknown username takes about as long as a wrong password', async t => {
  const { app, sql } = await demoHost(t)
  await sql('insert into people (username, password_hash, role, enabled) values (\'disabled\', $1, 1, false)', [await hashPassword('password')])
  const fastest: Record<string, number> = {}
  for (let attempt = 0; attempt < 10; attempt++) {
    for (const username of ['user', 'nobody', 'disabled', 'no\0body']) {
      const begin = performance.now()
      t.equal(await codeOf(app, username, `wrong ${attempt}`), '401')
      fastest[username] = Math.min(fastest[username] ?? Infinity, performance.now() - begin)
    }
  }
  const times = Object.values(fastest)
  t.ok(Math.max(...times) < 4 * Math.min(...times), JSON.stringify(fastest))
})
