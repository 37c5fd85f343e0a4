import t from 'tap'
import type { OnChange } from '../../lib/index.js'
import { Deferred } from '../support/deferred.js'
import { call, callOf, demoHost, keysOf, untilClosing } from '../support/host.js'
import { sectionOf } from '../support/readme.js'
import { until } from '../support/until.js'

const ONE = { start: '2125550000', class: 1, ingroup: 2 }

/** A logger that records its lines. */
function recordingLogger (): { lines: string[], logger: { stream: { write: (line: string) => void } } } {
  const lines: string[] = []
  return { lines, logger: { stream: { write: line => { lines.push(line) } } } }
}

t.test('notifies onChange of every load, update, delete and undo after it is committed', async t => {
  const notifications: Array<Parameters<OnChange>> = []
  const onChange: OnChange = (...notification) => { notifications.push(notification) }
  const host = await demoHost(t, { endpoints: ['create', 'update', 'delete'], onChange })
  const { telcoNumbers } = host.app
  await call(host.app, { ...ONE, customer: 3, charge_customer: 1 })
  const untilNotified = (count: number): Promise<void> => until(() => notifications.length === count)
  await untilNotified(1)
  for (const [name, parameters] of [['update', { class: 2 }], ['delete', { refund: 1 }]] as const) {
    const { start: number } = ONE
    await host.app.inject(callOf({ number, ...parameters }).replace('create', name))
    await untilNotified(name === 'update' ? 2 : 3)
  }
  await telcoNumbers.create({ ...ONE, start: '2125550001' }, { person: 'import', source: 'file' })
  await untilNotified(4)
  await telcoNumbers.undo('1', { with: ['2', '3'], dryRun: true })
  await telcoNumbers.undo('1', { with: ['2', '3'], person: 'bob' })
  await host.app.close()

  const [load, update, deletion, fromCode, ...undone] = notifications.map(([event]) => event)
  t.match(load, { kind: 'load', record: {
    id: '1', person: 'user', source: '127.0.0.1', start: '2125550000', count: 1, charged: '2.50', transactions: [{ customer: 2 }, {}]
  } })
  t.match(update, { kind: 'update', record: { kind: 'update', id: '2', newValues: { class: 2 }, runs: [{ class: 1 }], transactions: [] } })
  t.match(deletion, { kind: 'delete', record: { id: '3', runs: [{ class: 2, load: '1' }], transactions: [{ amount: '1.00' }, {}] } })
  t.match(fromCode, { kind: 'load', record: { id: '4', person: 'import', source: 'file', charged: '0', transactions: [] } })
  t.match(undone.sort((left, right) => Number(left.record.id) - Number(right.record.id)), [
    { kind: 'undo', record: { kind: 'load', id: '1', undoneBy: 'bob' } }, { kind: 'undo', record: { kind: 'update', id: '2' } },
    { kind: 'undo', record: { kind: 'delete', id: '3' } }
  ])
  t.strictSame(notifications.map(([, request]) => request?.method), ['GET', 'GET', 'GET', ...Array<undefined>(4).fill(undefined)])
})

t.test('the outbox of the documentation has an event for each of them, and none for those that were rolled back', async t => {
  const { app: { telcoNumbers }, pool, schema, sql } = await demoHost(t)
  const crm = `${schema}_crm`
  t.teardown(() => pool.query(`set client_min_messages = warning; drop schema if exists ${crm} cascade`))
  const [create = '', read = ''] = sectionOf('## Outbox', 'docs/host.md').blocks.map(({ text }) => (
    text.replaceAll(/\b(telco|crm)\b(?=[.; ,])/g, name => name === 'crm' ? crm : schema)))
  await sql(create)
  const number = '2125550000'
  await telcoNumbers.create(ONE)
  await telcoNumbers.update({ number, class: 2 })
  await t.rejects(telcoNumbers.update({ number, class: 99 }))
  await telcoNumbers.delete({ number })
  await telcoNumbers.undo('4', { dryRun: true })
  await telcoNumbers.undo('4')
  await telcoNumbers.undo('2')
  await telcoNumbers.import('7\n9', { class: 1, ingroup: 1 })
  const events = await sql<{ id: string, kind: string, record: string }>(read)
  t.strictSame(events.sort((left, right) => Number(left.id) - Number(right.id)).map(({ kind, record }) => `${kind} ${record}`), [
    'load 1', 'update 2', 'delete 4', 'undo 4', 'undo 2', 'load 5'
  ])
  t.strictSame(await sql(read), [])
})

t.test('does not notify onChange of calls that add nothing', async t => {
  let isNotified = false
  const { app } = await demoHost(t, { onChange: () => { isNotified = true } })
  await call(app, { ...ONE, validation: 1 })
  t.strictSame(keysOf(await call(app, { ...ONE, class: 99 })), ['class'])
  await app.close()
  t.equal(isNotified, false)
})

t.test('logs an onChange that fails together with the load, and changes no reply', async t => {
  for (const onChange of [() => { throw new Error('provisioning is down') }, async () => Promise.reject(new Error('provisioning is down'))]) {
    const { lines, logger } = recordingLogger()
    const { app } = await demoHost(t, { onChange }, { logger })
    t.match(await call(app, ONE), { responses: [{ code: '200' }], data: { count: 1 } })
    await app.close()
    t.match(lines.map(line => JSON.parse(line) as unknown).find(line => JSON.stringify(line).includes('provisioning is down')), {
      level: 50, record: '1', err: { message: 'provisioning is down' }
    })
  }
})

t.test('waits for onChange when the host closes, but not before the reply', async t => {
  const work = new Deferred()
  const { app } = await demoHost(t, { onChange: () => work.promise })
  t.match(await call(app, ONE), { data: { count: 1 } })
  let isClosed = false
  const closing = app.close().then(() => { isClosed = true })
  await untilClosing(app)
  t.equal(isClosed, false)
  work.resolve()
  await closing
})
