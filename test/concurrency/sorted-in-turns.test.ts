import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { ITEMS_IN_TURN, sortedInTurns } from '../../lib/concurrency/sorted-in-turns.js'

const compare = (left: { key: number }, right: { key: number }): number => left.key - right.key

t.test('sorts as toSorted does, and keeps the order of equal items', async t => {
  const sizes = fc.constantFrom(0, 1, 2, ITEMS_IN_TURN - 1, ITEMS_IN_TURN, ITEMS_IN_TURN + 1, 3 * ITEMS_IN_TURN + 5)
  const counts = fc.integer({ min: 1, max: 100_000 })
  await t.resolves(fc.assert(fc.asyncProperty(sizes, counts, fc.integer(), async (size, keys, seed) => {
    const items = Array.from({ length: size }, (_, index) => ({ key: Math.imul(index + seed, 2_654_435_761) % keys, index }))
    const sorted = await sortedInTurns(items, compare)
    return isDeepStrictEqual(sorted, items.toSorted(compare))
  }), { numRuns: 20 }))
})

t.test('lets other calls have their turns', async t => {
  const order: string[] = []
  const sorting = sortedInTurns(Array.from({ length: 5 * ITEMS_IN_TURN }, (_, index) => ({ key: -index })), compare)
    .then(() => { order.push('sorted') })
  setImmediate(() => { order.push('other') })
  await sorting
  t.strictSame(order, ['other', 'sorted'])
})
