import fc from 'fast-check'
import t from 'tap'
import { lastAlias, parseAlias, rangeBetween } from '../../lib/numbers/number-range.js'
import { digitsAfter } from '../../lib/numbers/sequence.js'
import { digitString, digitStringOf } from '../support/arbitraries.js'

const MILLION = 1_000_000

const sign = fc.constantFrom('' as const, '+' as const)
const twoOfOneWidth = fc.integer({ min: 1, max: 32 }).chain(width => fc.tuple(digitStringOf(width), digitStringOf(width)))

t.test('returns one number for a range without an end', async t => {
  t.strictSame(rangeBetween('0722776123', '', MILLION), { start: '0722776123', end: '0722776123', count: 1 })
  fc.assert(fc.property(digitString, start => {
    t.strictSame(rangeBetween(start, '', 1), { start, end: start, count: 1 })
  }))
})

t.test('counts both ends of a range and keeps their leading zeros', async t => {
  fc.assert(fc.property(digitString, fc.nat({ max: MILLION - 1 }), (start, offset) => {
    const end = digitsAfter(start, offset)
    fc.pre(end !== undefined)
    t.strictSame(rangeBetween(start, end, MILLION), { start, end, count: offset + 1 })
  }))
})

t.test('refuses an end with another count of digits, even if it is the same number', async t => {
  t.match(rangeBetween('1', '01', MILLION), { problem: 'end must have as many digits as start: start has 1, end has 2' })
  fc.assert(fc.property(digitString, digitString, (start, end) => {
    fc.pre(start.length !== end.length)
    t.match(rangeBetween(start, end, MILLION), { problem: `start has ${start.length}, end has ${end.length}` })
  }))
})

t.test('refuses a range whose end is below its start', async t => {
  t.match(rangeBetween('2125550001', '2125550000', MILLION), { problem: 'end must not be below start' })
  fc.assert(fc.property(twoOfOneWidth, ([one, other]) => {
    fc.pre(one !== other)
    const [end, start] = one < other ? [one, other] : [other, one]
    t.strictSame(rangeBetween(start, end, MILLION), { problem: 'end must not be below start' })
  }))
})

t.test('accepts a million numbers at every width, and refuses one more', async t => {
  fc.assert(fc.property(fc.integer({ min: 7, max: 32 }).chain(digitStringOf), start => {
    const millionth = digitsAfter(start, MILLION - 1)
    const next = digitsAfter(start, MILLION)
    fc.pre(millionth !== undefined && next !== undefined)
    t.strictSame(rangeBetween(start, millionth, MILLION), { start, end: millionth, count: MILLION })
    t.match(rangeBetween(start, next, MILLION), { problem: 'the range holds 1000001 numbers, at most 1000000 are allowed' })
  }))
  t.match(rangeBetween('000000', '999999', MILLION), { count: MILLION })
})

t.test('counts the widest range exactly before it refuses it', async t => {
  t.match(rangeBetween('0'.repeat(32), '9'.repeat(32), MILLION), { problem: `holds 1${'0'.repeat(32)} numbers` })
})

t.test('splits an alias into an optional plus sign and digits', async t => {
  fc.assert(fc.property(sign, digitString, (sign, digits) => {
    t.strictSame(parseAlias(sign + digits), { sign, digits })
  }))
})

t.test('counts aliases up at their width, after their sign', async t => {
  t.equal(lastAlias({ sign: '+', digits: '0099' }, 2), '+0100')
  t.equal(lastAlias({ sign: '', digits: '0099' }, 2), '0100')
  t.equal(lastAlias({ sign: '+', digits: '7' }, 1), '+7')
})

t.test('returns undefined for aliases that would outgrow their width', async t => {
  t.equal(lastAlias({ sign: '+', digits: '99' }, 2), undefined)
  fc.assert(fc.property(sign, digitString, fc.integer({ min: 1, max: MILLION }), (sign, digits, count) => {
    const fits = BigInt(digits) + BigInt(count) <= 10n ** BigInt(digits.length)
    t.equal(lastAlias({ sign, digits }, count)?.length, fits ? sign.length + digits.length : undefined)
  }))
})
