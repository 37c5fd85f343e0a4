import fastify from 'fastify'
import t from 'tap'
import telcoNumbers from '../../lib/index.js'
import { callOf, demoHost, demoSchema, PATH } from '../support/host.js'

const NUMBERS = { class: 1, ingroup: 1 }

t.test('sends the identifier of the load or change in a header, if the call has created one', async t => {
  const endpoints = ['create', 'get', 'list', 'update', 'delete', 'import'] as const
  const { app } = await demoHost(t, { endpoints: [...endpoints], httpStatus: 'always-200' })
  const headerOf = async (name: typeof endpoints[number], parameters: Record<string, string | number>) => (
    (await app.inject(callOf(parameters).replace(PATH, `/api/json/numbers/system/${name}`))).headers['telco-record'])
  const range = { number: '20', end: '29' }
  for (const [name, parameters, id] of [
    ['create', { ...NUMBERS, start: '1', validation: 1 }, undefined],
    ['create', { ...NUMBERS, start: '1' }, '1'],
    ['create', { ...NUMBERS, start: '1' }, undefined],
    ['create', { ...NUMBERS, start: '20', end: '29' }, '2'],
    ['import', { ...NUMBERS, csv: '30\n40', validation: 1 }, undefined],
    ['import', { ...NUMBERS, csv: '30\n40' }, '3'],
    ['update', { ...range, class: 2, validation: 1 }, undefined],
    ['update', { ...range, class: 2 }, '4'],
    ['update', { number: '20' }, undefined],
    ['delete', { number: '20', validation: 1 }, undefined],
    ['delete', { number: '20' }, '5'],
    ['update', { number: '9', class: 2 }, undefined],
    ['get', { number: '21' }, undefined],
    ['list', {}, undefined]
  ] as const) t.equal(await headerOf(name, parameters), id, `${name} ${JSON.stringify(parameters)}`)
})

t.test('records the identifier of a request whose host counts its requests', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  let last = 0
  // Fastify accepts numbers, whatever its types say.
  const app = fastify({ genReqId: () => ++last as never })
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema })
  t.match((await app.inject(callOf({ ...NUMBERS, start: '1' }))).json(), { data: { count: 1 } })
  t.strictSame(await sql('select request_id from loads'), [{ request_id: '1' }])
})
