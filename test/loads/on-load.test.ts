import t from 'tap'
import type { OnLoad } from '../../lib/index.js'
import { Deferred } from '../support/deferred.js'
import { call, demoHost, keysOf, untilClosing } from '../support/host.js'

const ONE = { start: '2125550000', class: 1, ingroup: 2 }

/** A logger that records its lines. */
function recordingLogger (): { lines: string[], logger: { stream: { write: (line: string) => void } } } {
  const lines: string[] = []
  return { lines, logger: { stream: { write: line => { lines.push(line) } } } }
}

t.test('notifies onLoad of every load after it is committed', async t => {
  const notifications: Array<Parameters<OnLoad>> = []
  const host = await demoHost(t, { onLoad: (...notification) => { notifications.push(notification) } })
  await call(host.app, { ...ONE, customer: 3, charge_customer: 1 })
  await host.app.telcoNumbers.create({ ...ONE, start: '2125550001' }, { person: 'import', source: 'file' })
  await host.app.close()

  t.equal(notifications.length, 2)
  t.match(notifications[0]?.[0], {
    id: '1', person: 'user', source: '127.0.0.1', start: '2125550000', count: 1, charged: '2.50', transactions: [{ customer: 2 }, {}]
  })
  t.equal(notifications[0]?.[1]?.method, 'GET')
  t.match(notifications[1]?.[0], { id: '2', person: 'import', source: 'file', charged: '0', transactions: [] })
  t.equal(notifications[1]?.[1], undefined)
})

t.test('does not notify onLoad of calls that add nothing', async t => {
  let isNotified = false
  const { app } = await demoHost(t, { onLoad: () => { isNotified = true } })
  await call(app, { ...ONE, validation: 1 })
  t.strictSame(keysOf(await call(app, { ...ONE, class: 99 })), ['class'])
  await app.close()
  t.equal(isNotified, false)
})

t.test('logs an onLoad that fails together with the load, and changes no reply', async t => {
  for (const onLoad of [() => { throw new Error('provisioning is down') }, async () => Promise.reject(new Error('provisioning is down'))]) {
    const { lines, logger } = recordingLogger()
    const { app } = await demoHost(t, { onLoad }, { logger })
    t.match(await call(app, ONE), { responses: [{ code: '200' }], data: { count: 1 } })
    await app.close()
    t.match(lines.map(line => JSON.parse(line) as unknown).find(line => JSON.stringify(line).includes('provisioning is down')), {
      level: 50, load: '1', err: { message: 'provisioning is down' }
    })
  }
})

t.test('waits for onLoad when the host closes, but not before the reply', async t => {
  const work = new Deferred()
  const { app } = await demoHost(t, { onLoad: () => work.promise })
  t.match(await call(app, ONE), { data: { count: 1 } })
  let isClosed = false
  const closing = app.close().then(() => { isClosed = true })
  await untilClosing(app)
  t.equal(isClosed, false)
  work.resolve()
  await closing
})
