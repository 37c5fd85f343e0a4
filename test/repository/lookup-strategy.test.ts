import t from 'tap'
import { Database } from '../../lib/database/database.js'
import { InvalidParametersError } from '../../lib/errors.js'
import { findStrategy } from '../../lib/repository/lookup-strategy.js'
import { WALK_INDEXES } from '../../lib/repository/range-sql.js'
import { demoHost } from '../support/host.js'

t.test('a long range is looked up member by member if far more longer numbers or aliases lie between its members', async t => {
  const { app, pool, schema, sql } = await demoHost(t)
  const database = new Database({ pool, schema, limits: { lockTimeout: 60_000, statementTimeout: 60_000 } })
  const { telcoNumbers: numbers } = app
  const strategyOf = async (column: 'number' | 'alias', first: string, last: string): Promise<string> => (
    await database.transaction(query => (
      findStrategy(query, column, { first, last, count: Number(last) - Number(first) + 1 })), WALK_INDEXES))
  // The members that are sampled have longer ones.
  await numbers.create({ start: '9', class: 1, ingroup: 1 })
  await sql(`insert into numbers (number, alias, class, ingroup, stype, load)
    select prefix || lpad(longer::text, 2, '0'), '+' || prefix || lpad(longer::text, 2, '0'), 1, 1, 'number', 1
    from generate_series(1000000, 1019999, 200) as prefix, generate_series(0, 29) as longer`)
  t.equal(await strategyOf('number', '1000000', '1019999'), 'probe')
  t.equal(await strategyOf('alias', '+1000000', '+1019999'), 'probe')
  t.equal(await strategyOf('number', '2000000', '2019999'), 'scan')
  t.equal(await strategyOf('number', '10000', '19999'), 'probe', 'a short range always is')

  const request = { start: '1000000', end: '1019999', alias: '+1000000', class: 1, ingroup: 1 }
  t.match(await numbers.create({ ...request, validation: true }), { count: 0 })
  const { id } = await numbers.create(request)
  const refusal = await numbers.create({ ...request, start: '1010000', end: '1029999' }).catch((error: unknown) => error)
  t.ok(refusal instanceof InvalidParametersError)
  t.match(refusal, { issues: [
    { key: 'start', message: /^10000 of the 20000 numbers exist already: 1010000 to 1019999/ },
    { key: 'alias', message: /^20000 of the 20000 aliases exist already: \+1000000 to / }
  ] })
  t.match(await numbers.update({ number: '1000000', end: '1019999', class: 2, validation: true }), { count: 0 })
  await sql(`update numbers set class = 2 where number = '1000005'`)
  t.match(await numbers.undo(id ?? '').catch((error: unknown) => error), { changes: [{ first: '1000005', last: '1000005' }] })
  await sql(`update numbers set class = 1 where number = '1000005'`)
  t.match(await numbers.undo(id ?? ''), { count: 20_000 })
  t.equal(await numbers.count(), 3_001)
})
