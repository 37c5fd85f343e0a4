import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import type { OnLoad } from '../../lib/index.js'
import { call, demoHost, keysOf } from '../support/host.js'

const ONE = { start: '2125550000', class: 1, ingroup: 2 }

/** A logger's stream that keeps its lines. */
function keepLines (): { lines: string[], logger: { stream: { write: (line: string) => void } } } {
  const lines: string[] = []
  return { lines, logger: { stream: { write: line => { lines.push(line) } } } }
}

t.test('onLoad is told of every load after it was committed', async t => {
  const told: Array<Parameters<OnLoad>> = []
  const host = await demoHost(t, { onLoad: (...told_) => { told.push(told_) } })
  await call(host.app, { ...ONE, customer: 3, charge_customer: 1 })
  await host.app.telcoNumbers.create({ ...ONE, start: '2125550001' }, { person: 'import', source: 'file' })
  await host.app.close()

  t.equal(told.length, 2)
  t.match(told[0]?.[0], {
    id: '1', person: 'user', source: '127.0.0.1', start: '2125550000', count: 1, charged: '2.50', transactions: [{ customer: 2 }, {}]
  })
  t.equal(told[0]?.[1]?.method, 'GET')
  t.match(told[1]?.[0], { id: '2', person: 'import', source: 'file', charged: '0', transactions: [] })
  t.equal(told[1]?.[1], undefined)
})

t.test('onLoad is not told of calls that add nothing', async t => {
  let isTold = false
  const { app } = await demoHost(t, { onLoad: () => { isTold = true } })
  await call(app, { ...ONE, validation: 1 })
  t.strictSame(keysOf(await call(app, { ...ONE, class: 99 })), ['class'])
  await app.close()
  t.equal(isTold, false)
})

t.test('a failing onLoad is logged with the load and changes no reply', async t => {
  for (const onLoad of [() => { throw new Error('provisioning is down') }, async () => Promise.reject(new Error('provisioning is down'))]) {
    const { lines, logger } = keepLines()
    const { app } = await demoHost(t, { onLoad }, { logger })
    t.match(await call(app, ONE), { responses: [{ code: '200' }], data: { count: 1 } })
    await app.close()
    t.match(lines.map(line => JSON.parse(line) as unknown).find(line => JSON.stringify(line).includes('provisioning is down')), {
      level: 50, load: '1', err: { message: 'provisioning is down' }
    })
  }
})

t.test('the reply does not wait for onLoad, closing does', async t => {
  let isDone = false
  const { app } = await demoHost(t, { onLoad: async () => { await setTimeout(300); isDone = true } })
  await call(app, ONE)
  t.equal(isDone, false)
  await app.close()
  t.equal(isDone, true)
})
