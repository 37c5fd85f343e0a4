import t from 'tap'
import { migrate } from '../../../lib/migrate.js'
import { DATABASE_URL, demoHost, emptySchema } from '../../support/host.js'
import { run } from '../../support/command-line.js'

t.test('an operator finds numbers and exports them', async t => {
  const { app, schema, sql } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  await app.telcoNumbers.create({ start: '2125550000', end: '2125550002', class: 1, ingroup: 2, customer: 3, region: 1, alias: '+10' })
  await app.telcoNumbers.create({ start: '007', class: 2, ingroup: 1 })
  t.strictSame(await run(['get', '007'], environment), { status: 0, out: '007, class 2, ingroup 1, free, number, load 2', err: '' })
  t.match(JSON.parse((await run(['get', '2125550001', '--json'], environment)).out), { alias: '+11', customer: 3 })
  t.match(await run(['get', '9'], environment), { status: 1, err: 'number 9 not found' })
  t.equal((await run(['list', '--customer', '3', '--csv'], environment)).out, [
    'number,alias,class,ingroup,customer,region,stype,load',
    '2125550000,+10,1,2,3,1,number,1', '2125550001,+11,1,2,3,1,number,1', '2125550002,+12,1,2,3,1,number,1', ''
  ].join('\n').trimEnd())
  t.equal((await run(['list', '--prefix', '0'], environment)).out, '007, class 2, ingroup 1, free, number, load 2')
  t.match((await run(['list', '--alias', '+12'], environment)).out, /^2125550002, alias \+12/)
  t.equal((await run(['list', '--count'], environment)).out, '4')
  t.strictSame(JSON.parse((await run(['list', '--limit', '1', '--json'], environment)).out), [
    { number: '007', alias: '', class: 2, ingroup: 1, customer: 0, region: 0, stype: 'number', load: '2' }
  ])
  t.strictSame(JSON.parse((await run(['list', '--class', '9', '--json'], environment)).out), [])
  t.match(await run(['list', '--prefix', 'x'], environment), { status: 1, err: 'prefix must be 1 to 32 digits' })

  await sql(`insert into numbers select unnest(array['=1+1', '@x', '-2', 'a"b,c']), null, 1, 1, null, null, 'number', 1`)
  const cells = (await run(['list', '--csv'], environment)).out.split('\n').map(line => line.replace(/,,1,1,0.*/, ''))
  for (const cell of [`'=1+1`, `'@x`, `'-2`, '"a""b,c"']) t.ok(cells.includes(cell), cell)
})

t.test('list fails if PostgreSQL refuses its query', async t => {
  const { schema, sql } = await demoHost(t)
  await sql('alter table numbers rename column stype to type')
  t.match(await run(['list'], { DATABASE_URL, SCHEMA: schema }), { status: 1, out: '', err: 'stype' })
})

t.test('an operator finds consecutive free numbers', async t => {
  const { app, schema } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  await app.telcoNumbers.create({ start: '100', end: '109', class: 1, ingroup: 1 })
  await app.telcoNumbers.create({ start: '110', end: '110', class: 1, ingroup: 1, customer: 3 })
  await app.telcoNumbers.create({ start: '111', end: '130', class: 1, ingroup: 2 })
  await app.telcoNumbers.create({ start: '1150', end: '1159', class: 2, ingroup: 2 })
  t.equal((await run(['free', '--count', '20'], environment)).out, '111 to 130 (20)')
  t.equal((await run(['free', '--count', '1'], environment)).out, '100')
  t.equal((await run(['free', '--count', '5', '--class', '2', '--prefix', '115'], environment)).out, '1150 to 1154 (5)')
  t.strictSame(JSON.parse((await run(['free', '--count', '10', '--ingroup', '1', '--json'], environment)).out), {
    first: '100', last: '109', count: 10
  })
  t.match(await run(['free', '--count', '21'], environment), { status: 1, err: 'no 21 consecutive free numbers found' })
  t.match(await run(['free', '--count', 'x'], environment), { status: 2, err: '--count must be a whole number' })
})

t.test('an operator lists the rows behind the identifiers', async t => {
  const { schema } = await demoHost(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  t.equal((await run(['classes'], environment)).out, '1 "Normal"\n2 "Gold"\n3 "Reserved", customer 3')
  t.match((await run(['customers'], environment)).out, '3 "Customer", parent 2, plan 2, balance 0')
  t.match((await run(['plans'], environment)).out, '2 "Retail", currency EUR')
  t.match((await run(['regions'], environment)).out, '1 "Americas"')
  t.match(JSON.parse((await run(['ingroups', '--json'], environment)).out), [{ id: 1, name: 'Toll-free' }, {}, {}])
})

t.test('prints one line for an empty table', async t => {
  const { pool, schema } = await emptySchema(t)
  await migrate(pool, schema)
  t.strictSame(await run(['plans'], { DATABASE_URL, SCHEMA: schema }), { status: 0, out: 'There are no plans.', err: '' })
})
