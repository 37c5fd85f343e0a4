import t, { type Test } from 'tap'
import { demoSchema, type TestSchema } from '../support/host.js'

t.jobs = 4

const GOOD = { class: 1, ingroup: 1, customer: 1, region: 1, load: 1 }

type References = Record<keyof typeof GOOD, number | null>

const TABLES = { class: 'classes', ingroup: 'ingroups', customer: 'customers', region: 'regions', load: 'loads' }

const BAD = (Object.keys(GOOD) as Array<keyof typeof GOOD>).map(column => ({ column, references: { ...GOOD, [column]: 999 } }))

function valuesOf ({ class: numberClass, ingroup, customer, region, load }: References): string {
  return [numberClass, ingroup, customer, region, `'number'`, load].map(value => value ?? 'null').join(', ')
}

const COLUMNS = '(number, class, ingroup, customer, region, stype, load)'

const WRITERS: Record<string, (number: string, references: References) => string> = {
  insert: (number, references) => `insert into numbers ${COLUMNS} values ('${number}', ${valuesOf(references)})`,
  'insert of several rows, one of them wrong': (number, references) => (
    `insert into numbers ${COLUMNS} values ('${number}0', ${valuesOf(GOOD)}), ('${number}', ${valuesOf(references)})`),
  'insert from a query': (number, references) => (
    `insert into numbers ${COLUMNS} select '${number}' || place, ${valuesOf(references)} from generate_series(0, 9) as place`),
  'insert of many rows, one of them wrong': (number, references) => (
    `insert into numbers ${COLUMNS} select '${number}0' || place, ${valuesOf(GOOD)} from generate_series(100, 300) as place
     union all select '${number}', ${valuesOf(references)}`),
  'insert in a common table expression': (number, references) => (
    `with one as (insert into numbers ${COLUMNS} values ('${number}', ${valuesOf(references)}) returning 1) select from one`),
  update: (_number, references) => (
    `update numbers set (class, ingroup, customer, region, stype, load) = (${valuesOf(references)}) where number = '0'`),
  'insert on conflict do update': (_number, references) => (
    `insert into numbers ${COLUMNS} values ('0', ${valuesOf(GOOD)})
     on conflict (number) do update set (class, ingroup, customer, region, stype, load) = (${valuesOf(references)})`),
  'merge that inserts': (number, references) => (
    `merge into numbers using (select '${number}' as number) as given on numbers.number = given.number
     when not matched then insert ${COLUMNS} values (given.number, ${valuesOf(references)})`),
  'merge that updates': (_number, references) => (
    `merge into numbers using (select '0' as number) as given on numbers.number = given.number
     when matched then update set (class, ingroup, customer, region, stype, load) = (${valuesOf(references)})`)
}

/** A schema with load 1 and number 0, which has only the required references. */
async function schemaWithNumber (t: Test): Promise<TestSchema> {
  const database = await demoSchema(t)
  await database.sql(`insert into loads (start, "end", count, class, ingroup, stype, charge_customer)
    values ('0', '0', 1, 3, 3, 'number', false), ('0', '0', 1, 1, 1, 'number', false)`)
  await database.sql(`insert into numbers ${COLUMNS} values ('0', 3, 3, null, null, 'number', 1)`)
  return database
}

for (const [writer, statement] of Object.entries(WRITERS)) {
  t.test(`checks references for ${writer}`, async t => {
    const { pool, schema } = await schemaWithNumber(t)
    for (const { column, references } of BAD) {
      await t.rejects(pool.query(statement('1', references)), {
        code: '23503', schema, table: 'numbers', column, constraint: `numbers_${column}_fkey`,
        message: `${column} 999 of numbers does not exist`
      })
    }
    await t.resolves(pool.query(statement('2', GOOD)))
    await t.resolves(pool.query(statement('3', { ...GOOD, customer: null, region: null })), 'customer and region may be NULL')
  })
}

for (const column of ['customer', 'region']) {
  t.test(`refuses a second row whose ${column} does not exist after a first row without ${column}`, async t => {
    const { pool } = await schemaWithNumber(t)
    await t.rejects(pool.query(`insert into numbers ${COLUMNS}
      values ('1', ${valuesOf({ ...GOOD, [column]: null })}), ('2', ${valuesOf({ ...GOOD, [column]: 999 })})`), { code: '23503', column })
  })
}

t.test('refuses NULL for class, ingroup and load', async t => {
  const { pool } = await schemaWithNumber(t)
  for (const column of ['class', 'ingroup', 'load']) {
    await t.rejects(pool.query(`insert into numbers ${COLUMNS} values ('1', ${valuesOf({ ...GOOD, [column]: null })})`), {
      code: '23502', column
    })
  }
})

t.test('accepts only the stypes of the specification', async t => {
  const { pool } = await schemaWithNumber(t)
  await t.rejects(pool.query(`update numbers set stype = 'other'`), { code: '23514', constraint: 'numbers_stype_check' })
  await t.resolves(pool.query(`update numbers set stype = 'callerid'`))
})

t.test('checks nothing for a statement that writes no row', async t => {
  const { pool } = await schemaWithNumber(t)
  await t.resolves(pool.query('update numbers set class = 999 where false'))
})

for (const [column, table] of Object.entries(TABLES)) {
  t.test(`refuses to delete ${table} while numbers refer to them`, async t => {
    const { pool, schema, sql } = await schemaWithNumber(t)
    // New rows, which only numbers refer to.
    if (column === 'load') {
      await sql(`insert into loads (id, start, "end", count, charge_customer) overriding system value values (100, '1', '1', 1, false)`)
    } else {
      await sql(`insert into ${table} select (jsonb_populate_record(${table}, '{"id": 100}')).* from ${table} limit 1`)
    }
    const [referred, otherwise] = [100, 101]
    await sql(`update numbers set ${column} = ${referred}`)

    const refusal = {
      code: '23503', schema, table: 'numbers', column, constraint: `numbers_${column}_fkey`,
      message: `${column} ${referred} is still referenced from numbers`
    }
    await t.rejects(pool.query(`delete from ${table} where id = ${referred}`), refusal)
    if (column !== 'load') {
      await t.rejects(pool.query(`update ${table} set id = ${otherwise} where id = ${referred}`), refusal)
      await t.resolves(pool.query(`update ${table} set id = id where id = ${referred}`))
    }
    await t.rejects(pool.query(`truncate ${table} cascade`), { code: '23503', table })

    await sql('delete from numbers')
    const free = column === 'load' ? referred : otherwise
    if (column !== 'load') await t.resolves(pool.query(`update ${table} set id = ${free} where id = ${referred}`))
    await t.resolves(pool.query(`delete from ${table} where id = ${free}`))
    await t.rejects(pool.query(`truncate ${table} cascade`), { code: '23503', table }, 'truncation is refused at any time')
  })
}

t.test('needs only the rights of the statement for the triggers', async t => {
  const { pool, schema, sql } = await schemaWithNumber(t)
  const role = `writer_of_${schema}`
  await sql(`create role ${role}`)
  t.teardown(() => pool.query(`drop owned by ${role}; drop role ${role}`))
  await sql(`grant usage on schema ${schema} to ${role}`)
  await sql(`grant insert on ${schema}.numbers to ${role}`)
  await sql(`grant delete, select on ${schema}.classes to ${role}`)
  const asRole = async (statement: string) => {
    try {
      await pool.query(`begin; set local role ${role}; ${statement}; commit`)
    } finally {
      await pool.query('rollback')
    }
  }
  await t.resolves(asRole(`insert into numbers ${COLUMNS} values ('1', ${valuesOf(GOOD)})`))
  await t.rejects(asRole(`insert into numbers ${COLUMNS} values ('2', ${valuesOf({ ...GOOD, class: 999 })})`), { code: '23503' })
  await t.rejects(asRole('delete from classes where id = 3'), { code: '23503' })
})
