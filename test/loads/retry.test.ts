import t from 'tap'
import { DatabaseRefusedError } from '../../lib/errors.js'
import { retryOnConflict } from '../../lib/loads/retry.js'
import { demoHost } from '../support/host.js'

t.jobs = 3

const GOOD = { class: 1, ingroup: 1 }

t.test('fails immediately, and names the index, if a unique index of the host refuses a load', async t => {
  const { app, sql } = await demoHost(t)
  await sql('create unique index one_of_each_class on numbers (class)')
  t.match(await app.telcoNumbers.create({ ...GOOD, start: '100' }), { count: 1 })
  for (const end of ['200', '209']) {
    await t.rejects(app.telcoNumbers.create({ ...GOOD, start: '200', end }), {
      code: 'TELCO_NUMBERS_DATABASE_REFUSED', statusCode: 500, message: /, constraint one_of_each_class, table numbers$/, cause: { code: '23505' }
    })
  }
})

t.test('fails immediately if a column of the host has no default', async t => {
  const { app, sql } = await demoHost(t)
  await sql('alter table numbers add column invoice integer not null')
  await t.rejects(app.telcoNumbers.create({ ...GOOD, start: '200', end: '209' }), {
    code: 'TELCO_NUMBERS_DATABASE_REFUSED', message: /"invoice".*, table numbers$/, cause: { code: '23502' }
  })
})

t.test('fails immediately if a sequence is behind its table, as after a restore', async t => {
  const { app, sql } = await demoHost(t)
  await app.telcoNumbers.create({ ...GOOD, start: '100' })
  await sql(`select setval('loads_id_seq', 1, false)`)
  await t.rejects(app.telcoNumbers.create({ ...GOOD, start: '200', end: '209' }), {
    code: 'TELCO_NUMBERS_DATABASE_REFUSED', message: /, constraint loads_pkey, table loads$/
  })
})

t.test('fails immediately if a trigger of the host refuses a load, with its message', async t => {
  const { app, sql } = await demoHost(t)
  const { id } = await app.telcoNumbers.create({ ...GOOD, start: '10000', end: '20000' })
  await sql(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not on a Sunday'; end $$`)
  await sql('create trigger refuse before insert or delete on numbers for each statement execute function refuse()')
  const code = 'TELCO_NUMBERS_DATABASE_REFUSED'
  const message = 'the database refused this: not on a Sunday'
  await t.rejects(app.telcoNumbers.create({ ...GOOD, start: '200' }), { code, message })
  await t.rejects(app.telcoNumbers.undo(String(id)), { code, message })
})

t.test('does not retry a load that a table of the same name in another schema refuses', async t => {
  const { app, sql, schema } = await demoHost(t)
  const other = `${schema}_copy`
  await sql(`create schema ${other}; create table ${other}.numbers (number text primary key)`)
  t.teardown(() => sql(`drop schema if exists ${other} cascade`).catch(() => {}))
  await sql(`create function copy() returns trigger language plpgsql as $$ begin insert into ${other}.numbers values (new.class); return null; end $$`)
  await sql('create trigger copy after insert on numbers for each row execute function copy()')
  await t.rejects(app.telcoNumbers.create({ ...GOOD, start: '200', end: '201' }), {
    code: 'TELCO_NUMBERS_DATABASE_REFUSED', message: /constraint numbers_pkey/
  })
})

t.test('reports the cause of the conflicts after the last attempt', async t => {
  const { pool, schema } = await demoHost(t)
  let attempts = 0
  await t.rejects(retryOnConflict(schema, async () => {
    attempts++
    await pool.query(`do $$ begin raise sqlstate '40P01' using message = 'deadlock detected'; end $$`)
    return undefined
  }), { code: 'TELCO_NUMBERS_DATABASE_BUSY', message: /numbers \(deadlock detected\): try again later/, cause: { code: '40P01' } })
  t.equal(attempts, 5)
  await t.rejects(retryOnConflict(schema, async () => undefined), { message: /numbers: try again later/ })
  await t.rejects(retryOnConflict(schema, async () => { throw new Error('of the attempt') }), { message: 'of the attempt' })
  const aborted = retryOnConflict(schema, async () => { AbortSignal.abort('not an error').throwIfAborted() })
  t.equal(await aborted.catch((reason: unknown) => reason), 'not an error')
  await t.rejects(retryOnConflict(schema, () => pool.query(`do $$ begin raise sqlstate '23514'; end $$`)), DatabaseRefusedError)
})
