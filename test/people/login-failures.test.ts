import fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { Database } from '../../lib/database/database.js'
import telcoNumbers from '../../lib/index.js'
import { failuresInMemory, sharedFailures } from '../../lib/people/login-failures.js'
import { hashPassword } from '../../lib/people/passwords.js'
import { call, demoSchema, type TestSchema } from '../support/host.js'
import { until } from '../support/until.js'
import { CHECK } from '../support/endpoint.js'

const LIMITS = { lockTimeout: 5_000, statementTimeout: 5_000 }

async function codeOf (app: FastifyInstance, password = 'password', username = 'user'): Promise<string | undefined> {
  return (await call(app, { ...CHECK, auth_username: username, auth_password: password })).responses[0]?.code
}

/** Starts `count` servers on the same tables. */
async function servers (count: number, database: TestSchema): Promise<FastifyInstance[]> {
  return await Promise.all(Array.from({ length: count }, async () => {
    const app = fastify()
    const { pool, schema } = database
    await app.register(telcoNumbers, { pool, schema, loginThrottle: { perLogin: 4, shared: true } })
    return app
  }))
}

t.test('counts the failures of all servers together if shared', async t => {
  const database = await demoSchema(t)
  const [one, other] = await servers(2, database) as [FastifyInstance, FastifyInstance]
  for (const [place, app] of [one, other, one, other].entries()) t.equal(await codeOf(app, `guess ${place}`), '401')
  for (const app of [one, other]) t.equal(await codeOf(app), '429')
  t.equal(await codeOf(one, 'password', 'clerk'), '402')
})

t.test('clears the failures for all servers when a right password is verified', async t => {
  const database = await demoSchema(t)
  const apps = await servers(2, database)
  for (const app of apps) {
    for (const place of [1, 2, 3]) t.equal(await codeOf(app, `guess ${place}`), '401')
    await database.sql('update people set password_hash = $1', [await hashPassword('password')])
    t.equal(await codeOf(app), '201')
  }
})

t.test('does not read the counts for a known client whose password is remembered', async t => {
  const database = await demoSchema(t)
  const [app] = await servers(1, database) as [FastifyInstance]
  t.equal(await codeOf(app), '201')
  await database.sql('alter table login_failures rename to gone')
  t.equal(await codeOf(app), '201')
  t.equal(await codeOf(app, 'wrong'), '500')
})

t.test('stores no username in plain text', async t => {
  const database = await demoSchema(t)
  const [app] = await servers(1, database) as [FastifyInstance]
  await codeOf(app, 'wrong', 'a password by mistake')
  const rows = await database.sql('select * from login_failures')
  t.equal(rows.length, 3)
  t.notMatch(JSON.stringify(rows), 'mistake')
})

t.test('shares a pool between registrations on different schemas with any name', async t => {
  const { pool, sql } = await demoSchema(t)
  for (const schema of ['a "b', 'a \'c']) {
    const name = `${schema} ${Date.now()}`
    const app = fastify()
    t.teardown(() => sql(`set client_min_messages = warning; drop schema "${name.replaceAll('"', '""')}" cascade`))
    await app.register(telcoNumbers, { pool, schema: name, loginThrottle: { perLogin: 1, shared: true } })
    t.equal(await codeOf(app, 'wrong'), '401')
    t.equal(await codeOf(app, 'wrong'), '429')
  }
})

t.test('deletes expired counts when others are added', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  const limiter = sharedFailures(new Database({ pool, schema, limits: LIMITS }))({ name: 'test', points: 1, window: 1_000 })
  const before = Date.now()
  await limiter.penalty('old')
  const [{ expire } = { expire: 0 }] = await sql<{ expire: number }>('select expire::float8 from login_failures')
  t.ok(expire >= before + 1_000 && expire <= Date.now() + 1_000, `${expire - before} ms`)
  await until(async () => await limiter.get('old') === null)
  await limiter.penalty('new')
  await until(async () => {
    await limiter.penalty('new')
    return (await sql('select from login_failures where key = \'test:old\'')).length === 0
  })
})

t.test('keeps a bounded number of counts in memory, the latest ones', async t => {
  const limiter = failuresInMemory({ name: 'test', points: 1, window: 86_400_000 })
  for (let key = 0; key < 20_001; key++) await limiter.penalty(key)
  t.equal(await limiter.get(0), null)
  t.match(await limiter.get(1), { consumedPoints: 1 })
  t.match(await limiter.get(20_000), { consumedPoints: 1 })
})
