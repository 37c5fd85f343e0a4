import fc from 'fast-check'
import t from 'tap'
import { RangeSet } from '../../lib/numbers/range-set.js'

const number = fc.integer({ min: 0, max: 300 }).map(value => value > 150 ? String(value - 150).padStart(3, '0') : String(value).padStart(4, '0'))

const run = fc.tuple(number, fc.nat(5)).map(([first, more]) => (
  { first, last: String(Number(first) + more).padStart(first.length, '0') }))

t.test('overlaps exactly the runs that have one of its numbers', async t => {
  fc.assert(fc.property(fc.array(run), run, (added, sought) => {
    const set = new RangeSet()
    for (const each of added) set.add([each])
    const expected = added.some(({ first, last }) => (
      first.length === sought.first.length && first <= sought.last && last >= sought.first))
    return set.overlaps(sought) === expected
  }), { numRuns: 500 })
  t.pass()
})

t.test('finds a run of a record with several, and no shorter or longer number', async t => {
  const set = new RangeSet()
  set.add([{ first: '60', last: '69' }])
  set.add([{ first: '65', last: '70' }])
  set.add([{ first: '7', last: '9' }, { first: '10', last: '19' }, { first: '30', last: '39' }])
  set.add([{ first: '15', last: '20' }])
  t.strictSame(['8', '20', '35', '60', '70', '21', '29', '015', '6', '40', '71'].map(each => set.overlaps({ first: each, last: each })), [
    true, true, true, true, true, false, false, false, false, false, false
  ])
})
