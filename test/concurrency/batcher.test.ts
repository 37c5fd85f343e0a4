import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { Batcher } from '../../lib/concurrency/batcher.js'

interface Call {
  readonly items: readonly number[]
  readonly succeed: () => void
  readonly fail: (error: Error) => void
}

/** A batcher whose calls the test settles; a call that succeeds returns the double of every item. */
function batcherWith (
  bounds: { concurrency: number, minItems?: number, maxItems: number }
): { batcher: Batcher<number, number>, calls: Call[] } {
  const calls: Call[] = []
  const batcher = new Batcher<number, number>(items => new Promise((resolve, reject) => {
    calls.push({ items, succeed: () => { resolve(item => item * 2) }, fail: reject })
  }), { minItems: 1, ...bounds })
  return { batcher, calls }
}

const itemsOf = (calls: readonly Call[]): Array<readonly number[]> => calls.map(({ items }) => items)

t.test('puts the items of one turn of the event loop into one batch', async t => {
  const { batcher, calls } = batcherWith({ concurrency: 2, maxItems: 10 })
  const results = Promise.all([1, 2, 3].map(item => batcher.submit(item)))
  t.strictSame(calls, [])
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2, 3]])
  calls[0]?.succeed()
  t.strictSame(await results, [2, 4, 6])
})

t.test('queues items while the maximum number of batches is in flight, and puts them into the next batch', async t => {
  const { batcher, calls } = batcherWith({ concurrency: 2, maxItems: 10 })
  const results: Array<Promise<number>> = []
  for (const item of [1, 2, 3, 4]) {
    results.push(batcher.submit(item))
    await setImmediate()
  }
  t.strictSame(itemsOf(calls), [[1], [2]])
  calls[1]?.succeed()
  t.equal(await results[1], 4)
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1], [2], [3, 4]])
  calls.forEach(call => { call.succeed() })
  t.strictSame(await Promise.all(results), [2, 4, 6, 8])
})

t.test('starts a batch beside another one only if enough items wait', async t => {
  const { batcher, calls } = batcherWith({ concurrency: 2, minItems: 3, maxItems: 10 })
  const results: Array<Promise<number>> = []
  for (const item of [1, 2, 3, 4, 5, 6]) {
    results.push(batcher.submit(item))
    await setImmediate()
  }
  t.strictSame(itemsOf(calls), [[1], [2, 3, 4]])
  calls[0]?.succeed()
  await results[0]
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1], [2, 3, 4]])
  calls[1]?.succeed()
  await results[1]
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1], [2, 3, 4], [5, 6]])
  calls[2]?.succeed()
  t.strictSame(await Promise.all(results), [2, 4, 6, 8, 10, 12])
})

t.test('sends the next batch before the callers of the last one continue', async t => {
  const { batcher, calls } = batcherWith({ concurrency: 1, maxItems: 10 })
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
  const { batcher, calls } = batcherWith({ concurrency: 2, maxItems: 2 })
  const results = [1, 2, 3, 4, 5].map(item => batcher.submit(item))
  await setImmediate()
  await setImmediate()
  t.strictSame(itemsOf(calls), [[1, 2], [3, 4]])
  calls.forEach(call => { call.succeed() })
  await Promise.all(results.slice(0, 4))
  await setImmediate()
  t.strictSame(itemsOf(calls).at(-1), [5])
  calls.at(-1)?.succeed()
  t.equal(await results[4], 10)
})

t.test('rejects only the items of the batch that fails', async t => {
  const { batcher, calls } = batcherWith({ concurrency: 1, maxItems: 1 })
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
  }, { concurrency: 1, minItems: 1, maxItems: 10 })
  const [one, two, three] = await Promise.allSettled([1, 2, 3].map(item => batcher.submit(item)))
  t.match([one, three], [{ value: 2 }, { value: 6 }])
  t.match(two, { reason: { message: 'of the item 2' } })
  t.strictSame(batches, [[1, 2, 3], [1], [2], [3]])
})
