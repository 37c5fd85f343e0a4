import t from 'tap'
import { demoSchema } from '../support/host.js'
import { openSession } from '../support/session.js'

t.jobs = 4

const REFUSAL = { code: '23514', table: 'customers', column: 'parent', constraint: 'customers_parent_acyclic' }

t.test('refuses a customer that is its own ancestor', async t => {
  const { pool, sql } = await demoSchema(t)
  await t.rejects(pool.query('update customers set parent = 3 where id = 1'), REFUSAL)
  await t.rejects(pool.query('update customers set parent = 2 where id = 2'), REFUSAL)
  await t.rejects(pool.query('insert into customers (id, name, parent) values (50, \'Itself\', 50)'), REFUSAL)
  await t.rejects(
    pool.query('insert into customers (id, name, parent) values (50, \'Each\', 51), (51, \'other\', 50)'), REFUSAL)
  await t.resolves(pool.query('update customers set parent = 3 where id = 4'))
  t.strictSame(await sql('select id, parent from customers order by id'), [
    { id: 1, parent: null }, { id: 2, parent: 1 }, { id: 3, parent: 2 }, { id: 4, parent: 3 }
  ])
})

t.test('refuses the second of two concurrent moves that make a cycle together', async t => {
  const database = await demoSchema(t)
  const [first, second] = [await openSession(t, database), await openSession(t, database)]
  await first.query('begin; update customers set parent = 4 where id = 3')
  const move = await second.blocked('update customers set parent = 3 where id = 4')
  await first.query('commit')
  await t.rejects(move.outcome, REFUSAL)
})

t.test('accepts the second of two concurrent moves that make a cycle together if the first rolls back', async t => {
  const database = await demoSchema(t)
  const [first, second] = [await openSession(t, database), await openSession(t, database)]
  await first.query('begin; update customers set parent = 4 where id = 3')
  const move = await second.blocked('update customers set parent = 3 where id = 4')
  await first.query('rollback')
  await t.resolves(move.outcome)
})

for (const isolation of ['repeatable read', 'serializable']) {
  t.test(`refuses to move a customer at ${isolation}, which does not see other moves`, async t => {
    const database = await demoSchema(t)
    const session = await openSession(t, database)
    await session.query(`begin isolation level ${isolation}; select from customers`)
    await database.sql('update customers set parent = 4 where id = 3')
    await t.rejects(session.query('update customers set parent = 3 where id = 4'), { code: '0A000', table: 'customers' })
    await session.query('rollback')
  })

  t.test(`adds customers at ${isolation}`, async t => {
    const database = await demoSchema(t)
    const session = await openSession(t, database)
    await session.query(`begin isolation level ${isolation}`)
    await t.resolves(session.query('insert into customers (name, parent) values (\'New\', 3)'))
    await t.resolves(session.query('update customers set name = \'Newer\', parent = parent'))
    await session.query('commit')
  })
}
