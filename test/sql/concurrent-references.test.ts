import t, { type Test } from 'tap'
import { demoSchema, type TestSchema } from '../support/host.js'
import { openSession } from '../support/session.js'

t.jobs = 4

const LOAD = `
  insert into numbers (number, class, ingroup, customer, region, stype, load) values ('1', 2, 2, 101, 2, 'number', 1)`

const REMOVALS = {
  deleted: (table: string) => `delete from ${table} where id = ${PARENTS[table]}`,
  renumbered: (table: string) => `update ${table} set id = 100 where id = ${PARENTS[table]}`
}

/** Rows that only LOAD refers to. */
const PARENTS: Record<string, number> = { ingroups: 2, customers: 101, regions: 2 }

async function schemaWithLoad (t: Test): Promise<TestSchema> {
  const database = await demoSchema(t)
  await database.sql(`insert into loads (start, "end", count, class, ingroup, stype, charge_customer)
    values ('1', '1', 1, 2, 2, 'number', false)`)
  await database.sql(`insert into customers (id, name) values (101, 'Alone')`)
  return database
}

for (const [removed, remove] of Object.entries(REMOVALS)) {
  for (const table of Object.keys(PARENTS)) {
    t.test(`a row of ${table} cannot be ${removed} after a running load that refers to it commits`, async t => {
      const database = await schemaWithLoad(t)
      const [loading, removing] = [await openSession(t, database), await openSession(t, database)]
      await loading.query(`begin; ${LOAD}`)
      const removal = await removing.blocked(remove(table))
      await loading.query('commit')
      await t.rejects(removal.outcome, { code: '23503', table: 'numbers' })
    })

    t.test(`a row of ${table} can be ${removed} after a load that refers to it rolls back`, async t => {
      const database = await schemaWithLoad(t)
      const [loading, removing] = [await openSession(t, database), await openSession(t, database)]
      await loading.query(`begin; ${LOAD}`)
      const removal = await removing.blocked(remove(table))
      await loading.query('rollback')
      await t.resolves(removal.outcome)
      await t.rejects(loading.query(LOAD), { code: '23503' })
    })

    t.test(`a load cannot refer to a row of ${table} that is ${removed} concurrently`, async t => {
      const database = await schemaWithLoad(t)
      const [loading, removing] = [await openSession(t, database), await openSession(t, database)]
      await removing.query(`begin; ${remove(table)}`)
      const load = await loading.blocked(LOAD)
      await removing.query('commit')
      await t.rejects(load.outcome, { code: '23503', table: 'numbers' })
    })

    t.test(`a load can refer to a row of ${table} if the transaction that has ${removed} it rolls back`, async t => {
      const database = await schemaWithLoad(t)
      const [loading, removing] = [await openSession(t, database), await openSession(t, database)]
      await removing.query(`begin; ${remove(table)}`)
      const load = await loading.blocked(LOAD)
      await removing.query('rollback')
      await t.resolves(load.outcome)
    })
  }

  for (const isolation of ['repeatable read', 'serializable']) {
    t.test(`no row can be ${removed} at ${isolation}, which does not see running loads`, async t => {
      const database = await schemaWithLoad(t)
      const session = await openSession(t, database)
      for (const table of Object.keys(PARENTS)) {
        await session.query(`begin isolation level ${isolation}`)
        await t.rejects(session.query(remove(table)), { code: '0A000', table, message: /only in a READ COMMITTED transaction/ })
        await session.query('rollback')
      }
    })
  }
}

for (const isolation of ['repeatable read', 'serializable']) {
  t.test(`a load at ${isolation} cannot refer to a row that was deleted after its snapshot`, async t => {
    const database = await schemaWithLoad(t)
    const session = await openSession(t, database)
    await session.query(`begin isolation level ${isolation}; select from numbers`)
    await database.sql('delete from regions where id = 2')
    await t.rejects(session.query(LOAD), { code: '40001' })
  })
}

t.test('blocks neither other loads nor a change of names during a load', async t => {
  const database = await schemaWithLoad(t)
  const session = await openSession(t, database)
  await session.query(`begin; ${LOAD}`)
  await t.resolves(database.sql(LOAD.replace(`'1'`, `'2'`)))
  await t.resolves(database.sql(`update regions set name = 'Elsewhere'`))
})
