import t from 'tap'
import { numbersHost } from '../support/changes.js'
import { run } from '../support/command-line.js'
import { DATABASE_URL, demoHost, type TestHost } from '../support/host.js'
import { openSession } from '../support/session.js'

const STATE = { alias: '', class: 1, ingroup: 1, customer: 0, region: 0, stype: 'number' }

/** Returns the kinds and identifiers of a number's events. */
async function eventsOf ({ app }: TestHost, number: string): Promise<string[]> {
  return (await app.telcoNumbers.history(number)).map(({ kind, undone, id }) => [kind, ...undone === null ? [] : [undone], id].join(' '))
}

t.test('returns the load of a number, its changes, its deletion and their undos, in order', async t => {
  const host = await numbersHost(t)
  const { app: { telcoNumbers }, schema } = host
  const ann = { person: 'ann', source: '192.0.2.1', requestId: 'r1' }
  const loaded = { ...STATE, alias: '+10042', region: 1 }
  const [number, range] = ['2125550042', { number: '2125550040', end: '2125550049' }]
  await telcoNumbers.update({ ...range, class: 1, alias: '+500', customer: 3 }, ann)
  await telcoNumbers.update({ number: '2125550042', region: 0, stype: 'callerid' })
  await telcoNumbers.update({ number: '2125550041', class: 2 })
  await telcoNumbers.undo('3', { person: 'bob' })
  await telcoNumbers.delete(range, ann)
  await telcoNumbers.create({ start: number, class: 2, ingroup: 1 })
  await telcoNumbers.undo('6')
  const changed = { ...loaded, alias: '+502', customer: 3 }
  const nothing = { source: null, requestId: null }
  const expected = [
    { kind: 'load', undone: null, id: '1', at: Date, person: null, ...nothing, before: null, after: loaded },
    { kind: 'update', undone: null, id: '2', ...ann, before: { alias: '+10042', customer: 0 }, after: { alias: '+502', customer: 3 } },
    { kind: 'update', id: '3', before: { region: 1, stype: 'number' }, after: { region: 0, stype: 'callerid' } },
    { kind: 'undo', undone: 'update', id: '3', person: 'bob', ...nothing, before: { region: 0, stype: 'callerid' }, after: { region: 1, stype: 'number' } },
    { kind: 'delete', id: '5', ...ann, before: changed, after: null },
    { kind: 'load', id: '6', before: null, after: { ...STATE, class: 2 } },
    { kind: 'undo', undone: 'load', id: '6', before: { ...STATE, class: 2 }, after: null }
  ]
  t.match(await telcoNumbers.history(number), expected, 'of a number that does not exist')
  await telcoNumbers.undo('5')
  await telcoNumbers.update({ number, class: 1 })
  t.match((await telcoNumbers.history(number)).slice(7), [
    { kind: 'undo', undone: 'delete', id: '5', before: null, after: changed }, { kind: 'update', id: '7', before: {}, after: {} }
  ])
  t.strictSame(await telcoNumbers.history('21255500421'), [])
  await t.rejects(telcoNumbers.history('+1'), { code: 'TELCO_NUMBERS_INVALID_PARAMETERS' })

  const environment = { DATABASE_URL, SCHEMA: schema }
  const { out } = await run(['history', number], environment)
  t.strictSame(out.split('\n').map(line => line.replace(/\d{4}-[^,]*Z/, 'TIME')), [
    'load 1, TIME, alias +10042, class 1, ingroup 1, region 1, stype number',
    'update 2, TIME, alias +10042 to +502, customer none to 3, by ann, from 192.0.2.1',
    'update 3, TIME, region 1 to none, stype number to callerid',
    'undo of update 3, TIME, region none to 1, stype callerid to number, by bob',
    'delete 5, TIME, alias +502, class 1, ingroup 1, customer 3, region 1, stype number, by ann, from 192.0.2.1',
    'load 6, TIME, class 2, ingroup 1, stype number',
    'undo of load 6, TIME, deleted, class 2, ingroup 1, stype number',
    'undo of delete 5, TIME, restored, alias +502, class 1, ingroup 1, customer 3, region 1, stype number',
    'update 7, TIME, no difference'
  ])
  t.match(JSON.parse((await run(['history', number, '--json'], environment)).out), [{ kind: 'load', id: '1', after: loaded }, {}])
  t.match(await run(['history', '9'], environment), { status: 0, out: 'There are no events of 9.' })
})

t.test('returns loads of several ranges and of any width, even undone ones', async t => {
  const host = await demoHost(t)
  const { telcoNumbers } = host.app
  const rows = [{ start: '090', end: '099', class: 1, alias: '+08' }, { start: '0990', class: 2 }, { start: '9'.repeat(32), class: 1 }]
  for (let count = 0; count < 2; count++) {
    await telcoNumbers.import(rows, { ingroup: 1 })
    if (count === 0) await telcoNumbers.undo('1')
  }
  t.strictSame(await eventsOf(host, '099'), ['load 1', 'undo load 1', 'load 2'])
  t.match((await telcoNumbers.history('099'))[2], { after: { ...STATE, alias: '+17' } })
  t.match((await telcoNumbers.history('0990')).map(({ before, after }) => (after ?? before)?.class), [2, 2, 2])
  t.strictSame(await eventsOf(host, '9'.repeat(32)), ['load 1', 'undo load 1', 'load 2'])
  t.strictSame(await eventsOf(host, '0991'), [])
  await telcoNumbers.undo('2')
  t.strictSame(await eventsOf(host, '090'), ['load 1', 'undo load 1', 'load 2', 'undo load 2'])
})

t.test('returns undone imports of single numbers only, whose ranges have no last numbers', async t => {
  const host = await demoHost(t)
  const { telcoNumbers } = host.app
  await telcoNumbers.import([{ start: '91', alias: '7', class: 2 }, { start: '5', alias: '99', class: 1 }, { start: '091', class: 1 }], { ingroup: 1 })
  await telcoNumbers.undo('1')
  t.match((await telcoNumbers.history('91')).map(({ kind, before, after }) => [kind, before ?? after]), [
    ['load', { class: 2, alias: '7' }], ['undo', { class: 2, alias: '7' }]
  ])
  t.strictSame(await eventsOf(host, '5'), ['load 1', 'undo load 1'])
  t.strictSame(await eventsOf(host, '091'), ['load 1', 'undo load 1'])
  for (const other of ['7', '9', '0091', '92']) t.strictSame(await eventsOf(host, other), [])
})

t.test('an update that another one overtakes has the later identifier, because an undo begins with the latest', async t => {
  const host = await numbersHost(t)
  const { app: { telcoNumbers }, sql } = host
  await sql(`create function hold() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1, hashtext(tg_table_schema)); return new; end $$;
    create trigger hold before insert on changes for each row when (new.person = 'slow') execute function hold()`)
  const session = await openSession(t, host)
  await session.query(`select pg_advisory_lock(1, hashtext('${host.schema}'))`)
  const slow = telcoNumbers.update({ number: '2125550042', customer: 3 }, { person: 'slow' })
  await session.waitedFor()
  const quick = await telcoNumbers.update({ number: '2125550042', class: 2 })
  await session.query(`select pg_advisory_unlock(1, hashtext('${host.schema}'))`)
  const { id } = await slow
  t.ok(Number(id) > Number(quick.id))
  t.strictSame(await eventsOf(host, '2125550042'), ['load 1', `update ${quick.id}`, `update ${id}`])
  t.match(await telcoNumbers.undo('1', { with: [String(id), String(quick.id)] }), { count: 10_000 })
})
