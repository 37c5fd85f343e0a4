import fc from 'fast-check'
import t from 'tap'
import { digitsAfter, sequenceFrom } from '../../lib/numbers/sequence.js'
import { digitString } from '../support/arbitraries.js'

t.test('counts digits up at their width', async t => {
  t.equal(digitsAfter('0999', 1), '1000')
  t.equal(digitsAfter('0000', 9), '0009')
  t.equal(digitsAfter('99999999999999999998', 1), '99999999999999999999')
  t.equal(digitsAfter('09999999999999999999999999999999', 1), '10000000000000000000000000000000')
})

t.test('returns undefined for digits that would outgrow their width', async t => {
  t.equal(digitsAfter('999', 1), undefined)
  t.equal(digitsAfter('0', 10), undefined)
})

t.test('counts as far in one step as one by one', async () => {
  fc.assert(fc.property(digitString, fc.nat({ max: 50 }), (first, offset) => {
    let counted: string | undefined = first
    for (let step = 0; step < offset && counted !== undefined; step++) counted = digitsAfter(counted, 1)
    return counted === digitsAfter(first, offset)
  }))
})

t.test('contains its first member', async () => {
  fc.assert(fc.property(digitString, fc.constantFrom('', '+'), (first, sign) => {
    const { head, base, digits } = sequenceFrom(first, sign)
    return head + base.toString().padStart(digits, '0') === sign + first
  }))
})
