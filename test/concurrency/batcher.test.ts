import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { Batcher } from '../../lib/concurrency/batcher.js'
import { until } from '../support/until.js'

interface Call {
  readonly items: readonly number[]
  readonly succeed: () => void
  readonly fail: (error: Error) => void
}

/** Much longer than a test takes. */
const LONG = 600_000

/** A batcher whose calls the test settles; a call that succeeds returns the double of every item. */
function batcherWith (options: { maxItems: number, maxDelay?: number }): { batcher: Batcher<number, number>, calls: Call[] } {
  const calls: Call[] = []
  const batcher = new Batcher<number, number>(items => new Promise((resolve, reject) => {
    calls.push({ items, succeed: () => { resolve(item => item * 2) }, fail: reject })
  }), { maxDelay: LONG, ...options })
  return { batcher, calls }
}

const itemsOf = (calls: readonly Call[]): Array<readonly number[]> => calls.map(({ items }) => items)

t.test('puts the items of one turn of the event loop into one batch', async t => {
  const { batcher, calls } = batcherWith({ maxItems: 10 })
  const results = Promise.all([1, 2, 3].map(item => batcher.submit(item)))
  t.strictSame(calls, [])
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2, 3]])
  calls[0]?.succeed()
  t.strictSame(await results, [2, 4, 6])
})

t.test('queues items while a batch is in flight, and puts them into the next one', async t => {
  const { batcher, calls } = batcherWith({ maxItems: 10 })
  const results: Array<Promise<number>> = []
  for (const item of [1, 2, 3]) {
    results.push(batcher.submit(item))
    await setImmediate()
  }
  t.strictSame(itemsOf(calls), [[1]])
  calls[0]?.succeed()
  t.equal(await results[0], 2)
  results.push(batcher.submit(4))
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1], [2, 3, 4]])
  calls[1]?.succeed()
  t.strictSame(await Promise.all(results), [2, 4, 6, 8])
})

t.test('waits for as many items as the last batch and its queue had', async t => {
  const { batcher, calls } = batcherWith({ maxItems: 10 })
  const first = Promise.all([batcher.submit(1), batcher.submit(2)])
  await setImmediate()
  const results = [batcher.submit(3)]
  calls[0]?.succeed()
  await first
  results.push(batcher.submit(4))
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2]])
  results.push(batcher.submit(5))
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2], [3, 4, 5]])
  calls[1]?.succeed()
  t.strictSame(await Promise.all(results), [6, 8, 10])
})

t.test('waits only briefly for items that do not come, and does not expect them again', async t => {
  const { batcher, calls } = batcherWith({ maxItems: 10, maxDelay: 1 })
  const first = Promise.all([1, 2, 3].map(item => batcher.submit(item)))
  await setImmediate()
  calls[0]?.succeed()
  await first
  const second = batcher.submit(4)
  await until(() => calls.length === 2)
  calls[1]?.succeed()
  t.equal(await second, 8)
  const third = batcher.submit(5)
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2, 3], [4], [5]])
  calls[2]?.succeed()
  t.equal(await third, 10)
})

t.test('starts a full batch before the callers of the last one continue', async t => {
  const { batcher, calls } = batcherWith({ maxItems: 1 })
  const first = batcher.submit(1)
  await setImmediate()
  const second = batcher.submit(2)
  calls[0]?.succeed()
  t.equal(await first, 2)
  t.strictSame(itemsOf(calls), [[1], [2]])
  calls[1]?.succeed()
  t.equal(await second, 4)
})

t.test('limits the number of items in a batch', async t => {
  const { batcher, calls } = batcherWith({ maxItems: 2, maxDelay: 1 })
  const results = [1, 2, 3].map(item => batcher.submit(item))
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2]])
  calls[0]?.succeed()
  await until(() => calls.length === 2)
  t.strictSame(itemsOf(calls), [[1, 2], [3]])
  calls[1]?.succeed()
  t.strictSame(await Promise.all(results), [2, 4, 6])
})

t.test('rejects only the items of the batch that fails', async t => {
  const { batcher, calls } = batcherWith({ maxItems: 1 })
  const failing = batcher.submit(1)
  const good = batcher.submit(2)
  await setImmediate()
  calls[0]?.fail(new Error('of the call'))
  await t.rejects(failing, { message: 'of the call' })
  await setImmediate()
  calls[1]?.succeed()
  t.equal(await good, 4)
})

t.test('handles the items of a batch that fails one by one, so that no item fails another', async t => {
  const batches: Array<readonly number[]> = []
  const batcher = new Batcher<number, number>(async items => {
    batches.push(items)
    if (items.includes(2)) throw new Error('of the item 2')
    return item => item * 2
  }, { maxItems: 10, maxDelay: LONG })
  const [one, two, three] = await Promise.allSettled([1, 2, 3].map(item => batcher.submit(item)))
  t.match([one, three], [{ value: 2 }, { value: 6 }])
  t.match(two, { reason: { message: 'of the item 2' } })
  t.strictSame(batches, [[1, 2, 3], [1], [2], [3]])
})
