import t from 'tap'
import { callOf, demoHost, PATH } from '../support/host.js'

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
