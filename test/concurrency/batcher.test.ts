import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { Batcher } from '../../lib/concurrency/batcher.js'

interface Call {
  readonly items: readonly number[]
  readonly answer: () => void
  readonly fail: (error: Error) => void
}

/** A gathering whose calls the test answers: every item with its double. */
function gathering (bounds: { calls: number, items: number }): { asks: Batcher<number, number>, calls: Call[] } {
  const calls: Call[] = []
  const asks = new Batcher<number, number>(items => new Promise((resolve, reject) => {
    calls.push({ items, answer: () => { resolve(item => item * 2) }, fail: reject })
  }), bounds)
  return { asks, calls }
}

const itemsOf = (calls: readonly Call[]): Array<readonly number[]> => calls.map(({ items }) => items)

t.test('what is asked for in one turn of the event loop goes into one call', async t => {
  const { asks, calls } = gathering({ calls: 2, items: 10 })
  const answers = Promise.all([1, 2, 3].map(item => asks.ask(item)))
  t.strictSame(calls, [])
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2, 3]])
  calls[0]?.answer()
  t.strictSame(await answers, [2, 4, 6])
})

t.test('what is asked for while as many calls as may be are under way waits, and goes into the next one together', async t => {
  const { asks, calls } = gathering({ calls: 2, items: 10 })
  const answers: Array<Promise<number>> = []
  for (const item of [1, 2, 3, 4]) {
    answers.push(asks.ask(item))
    await setImmediate()
  }
  t.strictSame(itemsOf(calls), [[1], [2]])
  calls[1]?.answer()
  t.equal(await answers[1], 4)
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1], [2], [3, 4]])
  calls.forEach(call => { call.answer() })
  t.strictSame(await Promise.all(answers), [2, 4, 6, 8])
})

t.test('the next call goes out before the answers of the last one are worked on', async t => {
  const { asks, calls } = gathering({ calls: 1, items: 10 })
  const first = asks.ask(1)
  await setImmediate()
  const second = asks.ask(2)
  calls[0]?.answer()
  t.equal(await first, 2)
  t.strictSame(itemsOf(calls), [[1], [2]])
  calls[1]?.answer()
  t.equal(await second, 4)
})

t.test('a call has at most as many items as it may', async t => {
  const { asks, calls } = gathering({ calls: 2, items: 2 })
  const answers = [1, 2, 3, 4, 5].map(item => asks.ask(item))
  await setImmediate()
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2], [3, 4]])
  calls.forEach(call => { call.answer() })
  await Promise.all(answers.slice(0, 4))
  await setImmediate()
  t.strictSame(itemsOf(calls).at(-1), [5])
  calls.at(-1)?.answer()
  t.equal(await answers[4], 10)
})

t.test('a call that fails fails for those in it only', async t => {
  const { asks, calls } = gathering({ calls: 1, items: 1 })
  const failing = asks.ask(1)
  const good = asks.ask(2)
  await setImmediate()
  calls[0]?.fail(new Error('of the call'))
  await t.rejects(failing, { message: 'of the call' })
  await setImmediate()
  calls[1]?.answer()
  t.equal(await good, 4)
})
