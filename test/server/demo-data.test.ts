import t from 'tap'
import { migrate } from '../../lib/migrate.js'
import { seedDemoData } from '../../lib/server/demo-data.js'
import { demoSchema, emptySchema } from '../support/host.js'

t.jobs = 3

t.test('demo data is added once, even by several servers at the same time', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  const loaded = await Promise.all(Array.from({ length: 3 }, () => seedDemoData(pool, schema)))
  t.strictSame(loaded.toSorted(), [false, false, true])
  t.equal(await seedDemoData(pool, schema), false)
  t.strictSame(await sql('select username, role, enabled from people order by id'), [
    { username: 'user', role: 1, enabled: true }, { username: 'clerk', role: 2, enabled: true }
  ])
})

t.test('demo data is not added to tables in use', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  await sql('insert into roles (name) values (\'Own role\')')
  t.equal(await seedDemoData(pool, schema), false)
  for (const table of ['people', 'customers', 'classes', 'ingroups', 'regions', 'plans']) {
    t.strictSame(await sql(`select from ${table}`), [], table)
  }
})

t.test('demo data is added completely or not at all', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  await sql('insert into regions (id, name) values (2, \'Mine\')')
  await t.rejects(seedDemoData(pool, schema), { code: '23505' })
  t.strictSame(await sql('select from roles'), [])
})

t.test('later rows get identifiers after those of the demo data', async t => {
  const { sql } = await demoSchema(t)
  t.strictSame(await sql('insert into roles (name) values (\'New\') returning id'), [{ id: 3 }])
  t.strictSame(await sql('insert into plans (name, currency) values (\'New\', \'EUR\') returning id'), [{ id: 4 }])
  t.strictSame(await sql('insert into customers (name) values (\'New\') returning id'), [{ id: 5 }])
  t.strictSame(await sql('insert into classes (name) values (\'New\') returning id'), [{ id: 4 }])
  t.strictSame(await sql('insert into ingroups (name) values (\'New\') returning id'), [{ id: 4 }])
  t.strictSame(await sql('insert into regions (name) values (\'New\') returning id'), [{ id: 3 }])
})

t.test('passwords are stored as hashes', async t => {
  const { sql } = await demoSchema(t)
  for (const { hash } of await sql<{ hash: string }>('select password_hash as hash from people')) {
    t.match(hash, /^\$argon2id\$/)
  }
})
