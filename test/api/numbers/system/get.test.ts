import t from 'tap'
import { call, demoHost, USER } from '../../../support/host.js'

const GET = '/api/json/numbers/system/get'

function pathOf (parameters: Record<string, string>, credentials: Record<string, string> = USER): string {
  return `${GET}?${new URLSearchParams({ ...credentials, ...parameters }).toString()}`
}

t.test('returns a number with all its columns, and neither null nor a missing one', async t => {
  const { app } = await demoHost(t, { endpoints: ['create', 'get'] })
  await call(app, { start: '007', alias: '+100', class: 3, ingroup: 2, customer: 3, region: 1, stype: 'callerid' })
  await call(app, { start: '8', class: 1, ingroup: 2 })
  t.strictSame((await app.inject(pathOf({ number: '007' }))).json(), {
    responses: [{ code: '200', key: '', message: 'OK' }],
    data: { number: '007', alias: '+100', class: 3, ingroup: 2, customer: 3, region: 1, stype: 'callerid', load: '1' }
  })
  for (const payload of ['number=8', { number: '8' }]) {
    const headers = { 'content-type': typeof payload === 'string' ? 'application/x-www-form-urlencoded' : 'application/json' }
    const reply = await app.inject({ method: 'POST', url: pathOf({}).replace('get?', 'get/?'), headers, payload })
    t.strictSame(reply.json<{ data: unknown }>().data, {
      number: '8', alias: '', class: 1, ingroup: 2, customer: 0, region: 0, stype: 'number', load: '2'
    })
  }
})

t.test('replies 404 with the key number to a number that does not exist', async t => {
  const { app } = await demoHost(t, { endpoints: ['get'] })
  const reply = await app.inject(pathOf({ number: '2125559999' }))
  t.equal(reply.statusCode, 404)
  t.equal(reply.headers['cache-control'], 'no-store')
  t.strictSame(reply.json(), { responses: [{ code: '404', key: 'number', message: 'number 2125559999 not found' }] })
})

t.test('sends HTTP 200 with the 404 of a number, but not of a path, if httpStatus is always-200', async t => {
  const { app } = await demoHost(t, { endpoints: ['get'], httpStatus: 'always-200' })
  t.equal((await app.inject(pathOf({ number: '1' }))).statusCode, 200)
  t.equal((await app.inject(`${GET}/below`)).statusCode, 404)
})

t.test('replies 401, then 402, then 400, whether or not the number exists', async t => {
  const { app, sql } = await demoHost(t, { endpoints: ['create', 'get'] })
  await call(app, { start: '1', class: 1, ingroup: 1 })
  for (const number of ['1', '2', 'x', '']) {
    t.match((await app.inject(pathOf({ number }, { ...USER, auth_password: 'wrong' }))).json(), { responses: [{ code: '401', key: '' }] })
    t.match((await app.inject(pathOf({ number }, { ...USER, auth_username: 'clerk' }))).json(), { responses: [{ code: '402', key: '' }] })
  }
  for (const number of ['', 'x', '+1', '1 2', '1'.repeat(33)]) {
    t.match((await app.inject(pathOf({ number }))).json(), { responses: [{ code: '400', key: 'number' }] }, number)
  }
  t.match((await app.inject(pathOf({ number: '1' }))).json(), { data: { number: '1' } })
  await sql('update people set enabled = false')
  for (const number of ['1', '2', 'x']) t.equal((await app.inject(pathOf({ number }))).statusCode, 401, 'a cached person that has changed')
})

t.test('replies to each of many concurrent calls with its own number, even after its person has changed', async t => {
  const { app, sql } = await demoHost(t, { endpoints: ['create', 'get'] })
  await app.telcoNumbers.create({ start: '100', end: '149', class: 1, ingroup: 1 })
  const outcomeOf = async (number: string): Promise<string | undefined> => {
    const reply = await app.inject(pathOf({ number }))
    const { responses, data } = reply.json<{ responses: Array<{ code: string }>, data?: { number: string } }>()
    return data?.number ?? responses[0]?.code
  }
  const numbers = Array.from({ length: 100 }, (_, place) => String(100 + place))
  const outcomes = (): Promise<unknown[]> => Promise.all(numbers.map(outcomeOf))
  const expected = numbers.map((number, place) => place < 50 ? number : '404')
  t.strictSame(await outcomes(), expected)
  t.strictSame(await outcomes(), expected, 'with a person who is cached')
  await sql(`update people set enabled = false where username = $1`, [USER.auth_username])
  t.strictSame([...new Set(await outcomes())], ['401'])
})

t.test('needs no tables of people if the host authenticates', async t => {
  const { app, sql } = await demoHost(t, { endpoints: ['get'], authenticate: async () => ({ username: 'ann', privileges: ['system'] }) })
  await app.telcoNumbers.create({ start: '100', class: 1, ingroup: 1 })
  await sql('drop table people cascade')
  t.match((await app.inject(pathOf({ number: '100' }))).json(), { data: { number: '100' } })
})

t.test('is also a call for host code', async t => {
  const { app } = await demoHost(t)
  await call(app, { start: '1', class: 1, ingroup: 1 })
  t.match(await app.telcoNumbers.get('1'), { number: '1', load: '1', customer: 0, alias: '' })
  await t.rejects(app.telcoNumbers.get('2'), { code: 'TELCO_NUMBERS_NUMBER_NOT_FOUND' })
  await t.rejects(app.telcoNumbers.get('x'), { code: 'TELCO_NUMBERS_INVALID_PARAMETERS' })
})
