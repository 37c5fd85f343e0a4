import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Pulled } from '../../lib/concurrency/pulled.js'
import { Deferred } from '../support/deferred.js'

t.test('produces a value only when it is requested', async t => {
  const events: string[] = []
  const pulled = new Pulled<number>(async emit => {
    for (const value of [1, 2]) {
      events.push(`produce ${value}`)
      await emit(value)
    }
    events.push('end')
  }, 60_000)
  t.strictSame(events, [])
  t.strictSame(await pulled.next(), { done: false, value: 1 })
  await sleep(5)
  t.strictSame(events, ['produce 1'])
  t.strictSame(await pulled.next(), { done: false, value: 2 })
  t.strictSame(await pulled.next(), { done: true, value: undefined })
  t.strictSame(await pulled.next(), { done: true, value: undefined })
  t.strictSame(events, ['produce 1', 'produce 2', 'end'])
})

t.test('throws what the producer throws, once', async t => {
  const early = new Pulled<number>(async () => { throw new Error('early') }, 60_000)
  await t.rejects(early.next(), { message: 'early' })
  t.strictSame(await early.next(), { done: true, value: undefined })
  const late = new Pulled<number>(async emit => {
    await emit(1)
    throw new Error('late')
  }, 60_000)
  t.match(await late.next(), { value: 1 })
  await t.rejects(late.next(), { message: 'late' })
})

t.test('return ends the producer, and waits until it has ended', async t => {
  let ended = 0
  const produce = async (emit: (value: number) => Promise<void>): Promise<void> => {
    try {
      for (;;) await emit(1)
    } finally {
      await sleep(5)
      ended++
    }
  }
  const pulled = new Pulled(produce, 60_000)
  t.match(await pulled.next(), { value: 1 })
  t.strictSame(await pulled.return(), { done: true, value: undefined })
  t.equal(ended, 1)
  t.strictSame(await pulled.next(), { done: true, value: undefined })
  t.strictSame(await new Pulled(produce, 60_000).return(), { done: true, value: undefined })
  t.equal(ended, 1, 'it was not started')
})

t.test('return ends a producer that is about to produce, and the reader that waits for it', async t => {
  const ready = new Deferred()
  const pulled = new Pulled<number>(async emit => {
    await ready.promise
    await emit(1)
  }, 60_000)
  const waiting = pulled.next()
  const returned = pulled.return()
  ready.resolve()
  t.strictSame(await returned, { done: true, value: undefined })
  t.strictSame(await waiting, { done: true, value: undefined })
})

t.test('ends the producer if its reader is too slow', async t => {
  let isEnded = false
  const pulled = new Pulled<number>(async emit => {
    await emit(1).finally(() => { isEnded = true })
  }, 20)
  t.match(await pulled.next(), { value: 1 })
  await sleep(60)
  t.ok(isEnded)
  await t.rejects(pulled.next(), { code: 'TELCO_NUMBERS_DATABASE_BUSY' })
  t.strictSame(await pulled.next(), { done: true, value: undefined })
})
