import t from 'tap'
import { UndoRefusedError } from '../../lib/index.js'
import { run } from '../support/command-line.js'
import { DATABASE_URL, demoHost } from '../support/host.js'

t.test('names the latest hundred of many later changes, and their count', async t => {
  const { app, schema, sql } = await demoHost(t)
  await app.telcoNumbers.create({ start: '10000', end: '29999', class: 1, ingroup: 1 })
  // As 12,000 updates of one number each, which would take long: the ranges of the changes are fetched in two parts.
  await sql(`with changed as (
    insert into changes (kind, start, "end", count, new_values)
    select 'update', number, number, 1, '{"class": 2}' from numbers where number < '22000' order by number returning id, start
  )
  insert into changed_runs (change, first, last, count, class, ingroup, stype, load) select id, start, start, 1, 1, 1, 'number', 1 from changed`)
  await sql(`update numbers set class = 2 where number < '22000'`)
  // Neither concerns the changed numbers.
  await app.telcoNumbers.create({ start: '9', class: 1, ingroup: 1 })
  await app.telcoNumbers.update({ number: '29999', customer: 3 })
  await app.telcoNumbers.update({ number: '29999', customer: 0 })
  const error: unknown = await app.telcoNumbers.undo('1').catch((error: unknown) => error)
  if (!(error instanceof UndoRefusedError)) throw error
  t.match(error, {
    changes: [{ first: '10000', last: '21999', count: 12_000, differs: ['class'] }], changedByCount: 12_000,
    message: /; changed by 12001, 12000, [0-9, ]+, 11902 and 11900 earlier ones$/
  })
  t.strictSame(error.changedBy, Array.from({ length: 100 }, (_, place) => String(12_001 - place)))

  const output = await run(['undo', '1', '--dry-run', '--json'], { DATABASE_URL, SCHEMA: schema })
  t.match(output, { status: 1, err: /12000 later loads and changes prevent this: undo the latest of them first/ })
  t.notMatch(output.err, /--with/)
  const [latest = '', ...others] = error.changedBy
  t.match(await app.telcoNumbers.undo(latest, { with: others }), { count: 1 })
  t.match(await app.telcoNumbers.undo('1').catch((error: unknown) => error), { changedByCount: 11_900 })
})
