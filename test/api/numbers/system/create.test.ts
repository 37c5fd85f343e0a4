import t from 'tap'
import { call, demoHost } from '../../../support/host.js'

t.test('adds one number and a range, as the specification shows', async t => {
  const { app } = await demoHost(t)
  t.strictSame(await call(app, { start: '2125550000', class: 1, ingroup: 2 }), {
    responses: [{ code: '200', key: '', message: 'OK' }], data: { count: 1 }
  })
  t.strictSame(await call(app, { start: '2125550001', end: '2125559999', class: 1, ingroup: 2 }), {
    responses: [{ code: '200', key: '', message: 'OK' }], data: { count: 9999 }
  })
})
