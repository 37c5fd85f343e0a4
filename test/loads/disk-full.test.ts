import t from 'tap'
import { call, demoHost } from '../support/host.js'

const NUMBERS = { start: '50', end: '59', class: 1, ingroup: 1 }

t.test('replies 503 if the disk of the database is full, writes nothing, and succeeds when it is repeated', async t => {
  const { app, sql } = await demoHost(t)
  await sql(`create function fill() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`)
  await sql('create trigger fill after insert on numbers for each statement execute function fill()')
  t.match(await call(app, NUMBERS), { responses: [{ code: '503', key: '' }] })
  await t.rejects(app.telcoNumbers.create(NUMBERS), { code: 'TELCO_NUMBERS_DATABASE_UNAVAILABLE', message: /could not extend file/ })
  t.strictSame(await sql('select from loads'), [])
  await sql('drop trigger fill on numbers')
  t.strictSame((await call(app, NUMBERS)).data, { count: 10 })
})
