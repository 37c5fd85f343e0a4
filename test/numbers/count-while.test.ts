import fc from 'fast-check'
import t from 'tap'
import { countWhile } from '../../lib/numbers/count-while.js'

t.test('counts as a search from the first item does', async t => {
  fc.assert(fc.property(fc.array(fc.integer()), fc.integer(), (items, limit) => {
    const sorted = items.toSorted((left, right) => left - right)
    return countWhile(sorted, item => item < limit) === sorted.filter(item => item < limit).length
  }))
  t.pass()
})

t.test('counts none and all', async t => {
  t.equal(countWhile([], () => true), 0)
  t.equal(countWhile([1, 2], () => false), 0)
  t.equal(countWhile([1, 2], () => true), 2)
})
