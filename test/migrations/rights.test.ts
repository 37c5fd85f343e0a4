import fastify from 'fastify'
import pg from 'pg'
import t from 'tap'
import telcoNumbers from '../../lib/index.js'
import { call, DATABASE_URL, demoSchema } from '../helper.js'

t.test('the rights that README names are enough, and do not reach people, prices or history', async t => {
  const { schema, sql } = await demoSchema(t)
  const role = `${schema}_app`
  await sql(`
    create role ${role};
    grant usage on schema ${schema} to ${role};
    grant select on all tables in schema ${schema} to ${role};
    grant insert on loads, numbers, transactions to ${role};
    grant update on loads, customers to ${role};
    grant delete on numbers to ${role}`)
  const pool = new pg.Pool({ connectionString: DATABASE_URL, options: `-c role=${role} -c search_path=${schema}` })
  const app = fastify()
  t.teardown(async () => {
    await app.close()
    await pool.end()
    await sql(`drop owned by ${role}; drop role ${role}`)
  })
  await app.register(telcoNumbers, { pool, schema, migrate: false })

  const load = { start: '100', end: '199', alias: '5000', class: 1, ingroup: 1, region: 1, customer: 3, charge_customer: 1 }
  t.match(await call(app, load), { data: { count: 100 } })
  t.match(await app.telcoNumbers.undo('1'), { count: 100 })
  t.match(await app.telcoNumbers.show('1'), { transactions: [{}, {}, {}, {}] })
  for (const statement of [
    'update people set enabled = false', 'insert into roles_access values (2, \'system\')', 'update plan_classes set signup = 0',
    'delete from transactions', 'delete from loads', 'update numbers set class = 2', 'update transactions set amount = 0'
  ]) {
    await t.rejects(pool.query(statement), { code: '42501' }, statement)
  }
})
