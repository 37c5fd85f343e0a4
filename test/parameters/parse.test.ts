import t from 'tap'
import { demoHost } from '../support/host.js'

t.test('checks the parameters of host code by the same table, with the types of JavaScript', async t => {
  const { app } = await demoHost(t)
  for (const [parameters, keys] of [
    [{ start: 2125550000, class: '1', ingroup: 1 }, ['start', 'class']],
    [{ start: '1', class: 1, ingroup: 1, charge_customer: 1, validation: 'yes', stype: 'fax' }, ['charge_customer', 'validation', 'stype']],
    [{ start: '1', class: 1, ingroup: 1, customer: null, end: '1-2', region: 1.5 }, ['customer', 'end', 'region']],
    [{}, ['start', 'class', 'ingroup']]
  ] as const) {
    const call: unknown = Reflect.apply(app.telcoNumbers.create, app.telcoNumbers, [parameters])
    await t.rejects(Promise.resolve(call), { code: 'TELCO_NUMBERS_INVALID_PARAMETERS', issues: keys.map(key => ({ key })) })
  }
})
