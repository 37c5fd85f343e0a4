import fc from 'fast-check'
import t from 'tap'
import { lastAlias, parseAlias, rangeBetween } from '../../lib/numbers/number-range.js'
import { digitsAfter } from '../../lib/numbers/sequence.js'
import { digitString, digitStringOf } from '../support/arbitraries.js'

const MILLION = 1_000_000

const sign = fc.constantFrom('' as const, '+' as const)
const twoOfOneWidth = fc.integer({ min: 1, max: 32 }).chain(width => fc.tuple(digitStringOf(width), digitStringOf(width)))

t.test('a range without an end is its one number', async t => {
  t.strictSame(rangeBetween('0722776123', '', MILLION), { start: '0722776123', end: '0722776123', count: 1 })
  fc.assert(fc.property(digitString, start => {
    t.strictSame(rangeBetween(start, '', 1), { start, end: start, count: 1 })
  }))
})

t.test('a range counts both its ends and keeps their leading zeros', async t => {
  fc.assert(fc.property(digitString, fc.nat({ max: MILLION - 1 }), (start, offset) => {
    const end = digitsAfter(start, offset)
    fc.pre(end !== undefined)
    t.strictSame(rangeBetween(start, end, MILLION), { start, end, count: offset + 1 })
  }))
})

t.test('an end with another count of digits is refused, even if it is the same number', async t => {
  t.match(rangeBetween('1', '01', MILLION), { problem: 'end must have as many digits as start: start has 1, end has 2' })
  fc.assert(fc.property(digitString, digitString, (start, end) => {
    fc.pre(start.length !== end.length)
    t.match(rangeBetween(start, end, MILLION), { problem: `start has ${start.length}, end has ${end.length}` })
  }))
})

t.test('an end below the start is refused, from the next number down', async t => {
  t.match(rangeBetween('2125550001', '2125550000', MILLION), { problem: 'end must not be below start' })
  fc.assert(fc.property(twoOfOneWidth, ([one, other]) => {
    fc.pre(one !== other)
    const [end, start] = one < other ? [one, other] : [other, one]
    t.strictSame(rangeBetween(start, end, MILLION), { problem: 'end must not be below start' })
  }))
})

t.test('a million numbers are a range, one more is not, at every width', async t => {
  fc.assert(fc.property(fc.integer({ min: 7, max: 32 }).chain(digitStringOf), start => {
    const millionth = digitsAfter(start, MILLION - 1)
    const next = digitsAfter(start, MILLION)
    fc.pre(millionth !== undefined && next !== undefined)
    t.strictSame(rangeBetween(start, millionth, MILLION), { start, end: millionth, count: MILLION })
    t.match(rangeBetween(start, next, MILLION), { problem: 'the range holds 1000001 numbers, at most 1000000 are allowed' })
  }))
  t.match(rangeBetween('000000', '999999', MILLION), { count: MILLION })
})

t.test('the widest range is counted exactly before it is refused', async t => {
  t.match(rangeBetween('0'.repeat(32), '9'.repeat(32), MILLION), { problem: `holds 1${'0'.repeat(32)} numbers` })
})

t.test('an alias is an optional plus sign and its digits', async t => {
  fc.assert(fc.property(sign, digitString, (sign, digits) => {
    t.strictSame(parseAlias(sign + digits), { sign, digits })
  }))
})

t.test('aliases count up at their width, behind their sign', async t => {
  t.equal(lastAlias({ sign: '+', digits: '0099' }, 2), '+0100')
  t.equal(lastAlias({ sign: '', digits: '0099' }, 2), '0100')
  t.equal(lastAlias({ sign: '+', digits: '7' }, 1), '+7')
})

t.test('aliases that would outgrow their width are none', async t => {
  t.equal(lastAlias({ sign: '+', digits: '99' }, 2), undefined)
  fc.assert(fc.property(sign, digitString, fc.integer({ min: 1, max: MILLION }), (sign, digits, count) => {
    const fits = BigInt(digits) + BigInt(count) <= 10n ** BigInt(digits.length)
    t.equal(lastAlias({ sign, digits }, count)?.length, fits ? sign.length + digits.length : undefined)
  }))
})
