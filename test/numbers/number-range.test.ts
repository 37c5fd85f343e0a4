import fc from 'fast-check'
import t from 'tap'
import { digitsAfter, rangeBetween, rangeFrom, splitSign } from '../../lib/numbers/number-range.js'
import { digitString, digitStringOf } from '../support/arbitraries.js'

const MILLION = 1_000_000

const sign = fc.constantFrom('' as const, '+' as const)
const twoOfOneWidth = fc.integer({ min: 1, max: 32 }).chain(width => fc.tuple(digitStringOf(width), digitStringOf(width)))

t.test('returns one number for a range without an end', async t => {
  t.strictSame(rangeBetween('0722776123', '', MILLION), { first: '0722776123', last: '0722776123', count: 1 })
  fc.assert(fc.property(digitString, start => {
    t.strictSame(rangeBetween(start, '', 1), { first: start, last: start, count: 1 })
  }))
})

t.test('counts both ends of a range and keeps their leading zeros', async t => {
  fc.assert(fc.property(digitString, fc.nat({ max: MILLION - 1 }), (start, offset) => {
    const end = digitsAfter(start, offset)
    fc.pre(end !== undefined)
    t.strictSame(rangeBetween(start, end, MILLION), { first: start, last: end, count: offset + 1 })
  }))
})

t.test('refuses an end with another count of digits, even if it is the same number', async t => {
  t.match(rangeBetween('1', '01', MILLION), { issue: 'end must have as many digits as start: start has 1, end has 2' })
  fc.assert(fc.property(digitString, digitString, (start, end) => {
    fc.pre(start.length !== end.length)
    t.match(rangeBetween(start, end, MILLION), { issue: `start has ${start.length}, end has ${end.length}` })
  }))
})

t.test('refuses a range whose end is below its start', async t => {
  t.match(rangeBetween('2125550001', '2125550000', MILLION), { issue: 'end must not be below start' })
  fc.assert(fc.property(twoOfOneWidth, ([one, other]) => {
    fc.pre(one !== other)
    const [end, start] = one < other ? [one, other] : [other, one]
    t.strictSame(rangeBetween(start, end, MILLION), { issue: 'end must not be below start' })
  }))
})

t.test('accepts a million numbers at every width, and refuses one more', async t => {
  fc.assert(fc.property(fc.integer({ min: 7, max: 32 }).chain(digitStringOf), start => {
    const millionth = digitsAfter(start, MILLION - 1)
    const next = digitsAfter(start, MILLION)
    fc.pre(millionth !== undefined && next !== undefined)
    t.strictSame(rangeBetween(start, millionth, MILLION), { first: start, last: millionth, count: MILLION })
    t.match(rangeBetween(start, next, MILLION), { issue: 'the range has 1000001 numbers, but at most 1000000 are allowed' })
  }))
  t.match(rangeBetween('000000', '999999', MILLION), { count: MILLION })
})

t.test('counts the widest range exactly before it refuses it', async t => {
  t.match(rangeBetween('0'.repeat(32), '9'.repeat(32), MILLION), { issue: `has 1${'0'.repeat(32)} numbers` })
})

t.test('splits an alias into an optional plus sign and digits', async t => {
  fc.assert(fc.property(sign, digitString, (sign, digits) => {
    t.strictSame(splitSign(sign + digits), { sign, digits })
  }))
})

t.test('counts aliases up at their width, after their sign', async t => {
  t.equal(rangeFrom('+0099', 2)?.last, '+0100')
  t.equal(rangeFrom('0099', 2)?.last, '0100')
  t.strictSame(rangeFrom('+7', 1), { first: '+7', last: '+7', count: 1 })
})

t.test('returns undefined for aliases that would outgrow their width', async t => {
  t.equal(rangeFrom('+99', 2), undefined)
  fc.assert(fc.property(sign, digitString, fc.integer({ min: 1, max: MILLION }), (sign, digits, count) => {
    const fits = BigInt(digits) + BigInt(count) <= 10n ** BigInt(digits.length)
    t.equal(rangeFrom(sign + digits, count)?.last.length, fits ? sign.length + digits.length : undefined)
  }))
})

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
