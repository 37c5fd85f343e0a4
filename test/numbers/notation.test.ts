import fc from 'fast-check'
import t from 'tap'
import { readBlock, readNumber, readRange, type Notation } from '../../lib/numbers/notation.js'
import { digitString } from '../support/arbitraries.js'

const PLAIN: Notation = { stripsHyphens: false, plus: undefined, prepend: '' }
const MAXIMUM = 1_000_000

const rangeOf = (text: string, notation: Partial<Notation> = {}) => readRange(text, { ...PLAIN, ...notation }, MAXIMUM)
const numberOf = (text: string, notation: Partial<Notation> = {}) => readNumber(text, { ...PLAIN, ...notation })

/** A digit string with spaces, dots, slashes and parentheses between its digits, none of which mean anything. */
function punctuated (digits: string): fc.Arbitrary<string> {
  const separators = fc.array(fc.constantFrom('', '', '', ' ', '/', '  '), { minLength: digits.length, maxLength: digits.length })
  return separators.map(parts => Array.from(digits).map((digit, index) => digit + (parts[index] ?? '')).join(''))
}

/** The ends of a range of at most a thousand numbers. */
const ends = fc.tuple(digitString.filter(digits => digits.length > 3), fc.nat({ max: 999 })).map(([digits, size]) => {
  const first = digits.slice(0, -3) + '000'
  return { first, last: first.slice(0, -3) + String(size).padStart(3, '0'), count: size + 1 }
})

t.test('returns the digits of a number, whatever its punctuation', async t => {
  fc.assert(fc.property(digitString.chain(digits => fc.tuple(fc.constant(digits), punctuated(digits))), ([digits, text]) => {
    const read = numberOf(text)
    // Slashes can turn a number into a date, which is refused.
    return read === digits || (typeof read !== 'string' && /is a date/.test(read.issue))
  }))
  for (const text of ['(030) 123.456', '030/123456', ' 030123456\t', '(0)30 123456', '03.01.23.45.6']) t.equal(numberOf(text), '030123456', text)
})

t.test('returns both ends of a range, in full, abbreviated or as free digits', async t => {
  fc.assert(fc.property(ends, ({ first, last, count }) => {
    for (const separator of ['-', ' - ', '\u2013']) {
      t.strictSame(rangeOf(first + separator + last), { first, last, count })
      t.strictSame(rangeOf(first + separator + last.slice(-3)), { first, last, count })
    }
  }))
  fc.assert(fc.property(digitString.filter(digits => digits.length <= 29), fc.constantFrom('X', 'xX', 'X XX'), (digits, free) => {
    const places = free.replace(' ', '').length
    t.strictSame(rangeOf(`${digits} ${free}`), {
      first: digits + '0'.repeat(places), last: digits + '9'.repeat(places), count: 10 ** places
    })
  }))
  t.strictSame(rangeOf('1234500-99'), { first: '1234500', last: '1234599', count: 100 })
  t.strictSame(rangeOf('(030) 12345'), { first: '03012345', last: '03012345', count: 1 })
})

t.test('returns digits unchanged', async t => {
  fc.assert(fc.property(digitString, digits => {
    t.equal(numberOf(digits), digits)
    t.strictSame(rangeOf(digits), { first: digits, last: digits, count: 1 })
  }))
})

t.test('never throws, and returns digits or an issue', async t => {
  const character = fc.constantFrom(...Array.from('0123456789+-./() xXA,Ee\u00a0\u2013\t'))
  const text = fc.oneof(fc.string(), fc.array(character, { maxLength: 40 }).map(characters => characters.join('')))
  const notation = fc.record({
    stripsHyphens: fc.boolean(),
    plus: fc.option(fc.record({ country: fc.constantFrom('', '44'), digits: fc.constantFrom('', '0', '00') }), { nil: undefined }),
    prepend: fc.constantFrom('', '0', '44')
  })
  fc.assert(fc.property(text, text, notation, (text, other, notation) => {
    for (const read of [rangeOf(text, notation), readBlock(text, '3+7', { ...PLAIN, ...notation }, MAXIMUM), readBlock(text, other, { ...PLAIN, ...notation }, MAXIMUM)]) {
      if ('issue' in read) continue
      t.match(read.first, /^[0-9]{1,32}$/)
      t.match(read.last, /^[0-9]{1,32}$/)
      t.equal(read.first.length, read.last.length)
      t.equal(BigInt(read.last) - BigInt(read.first) + 1n, BigInt(read.count))
    }
  }))
})

t.test('replaces a plus sign only as the parameter plus defines', async t => {
  const plus = (country: string, digits: string): Partial<Notation> => ({ plus: { country, digits } })
  t.match(numberOf('+44 113 496'), { issue: /begins with \+: give the parameter plus/ })
  t.equal(numberOf('+44 113 496', plus('', '')), '44113496')
  t.equal(numberOf('+44 113 496', plus('', '00')), '0044113496')
  t.equal(numberOf('+44 113 496', plus('44', '0')), '0113496')
  t.match(numberOf('+49 30', plus('44', '0')), { issue: /does not begin with \+44/ })
  t.match(numberOf('44+30', plus('', '')), { issue: /must be 1 to 32 digits/ })
  t.strictSame(rangeOf('+44113496000-99', plus('44', '0')), { first: '0113496000', last: '0113496099', count: 100 })
  t.strictSame(rangeOf('+44113496000-+44113496099', plus('44', '0')), { first: '0113496000', last: '0113496099', count: 100 })
  t.match(rangeOf('+44113-+49', plus('44', '0')), { issue: /does not begin with \+44/ })
  t.match(rangeOf('+4X', plus('40', '0')), { issue: /"\+49" does not begin with \+40/ })
  t.match(rangeOf('+4X', plus('49', '0')), { issue: /"\+40" does not begin with \+49/ })
})

t.test('puts digits before numbers', async t => {
  t.equal(numberOf('1134 960', { prepend: '0' }), '01134960')
  t.strictSame(rangeOf('1134960-9', { prepend: '0' }), { first: '01134960', last: '01134969', count: 10 })
  t.strictSame(rangeOf('1134960-1134969', { prepend: '0' }), { first: '01134960', last: '01134969', count: 10 })
  t.match(numberOf('1'.repeat(32), { prepend: '0' }), { issue: /must be 1 to 32 digits/ })
})

t.test('refuses a hyphen that may belong to a number, unless hyphens are stripped', async t => {
  t.match(rangeOf('212-555-0000'), { issue: /has several hyphens.*give punctuation=strip/ })
  t.match(rangeOf('212-5550000'), { issue: /the end 5550000 has more digits than the start.*give punctuation=strip/ })
  t.match(numberOf('212-5550000'), { issue: /must be one number: a hyphen separates.*punctuation=strip/ })
  t.match(rangeOf('-5'), { issue: /must be 1 to 32 digits/ })
  t.match(rangeOf('5-'), { issue: /must be 1 to 32 digits/ })
  t.match(rangeOf('5-x'), { issue: /must be 1 to 32 digits/ })
  t.match(rangeOf('29-11'), { issue: 'end must not be below start' })
  for (const text of ['212-555-0000', '212\u2013555 0000']) t.equal(numberOf(text, { stripsHyphens: true }), '2125550000')
  t.strictSame(rangeOf('212-555-00XX', { stripsHyphens: true }), { first: '2125550000', last: '2125550099', count: 100 })
})

t.test('refuses free digits that are not at the end', async t => {
  t.match(rangeOf('212X50'), { issue: '"212X50" has an X before other digits: free digits must be at the end' })
  t.match(rangeOf('Xerox'), { issue: /has an X/ })
  t.match(rangeOf('text'), { issue: /must be 1 to 32 digits/ })
  t.match(rangeOf('12aXX'), { issue: /must be 1 to 32 digits/ })
  t.match(rangeOf('1XXXXXXX'), { issue: /the range has 10000000 numbers/ })
})

t.test('refuses numbers that a spreadsheet has reformatted, and names the cause', async t => {
  for (const text of ['2.12556E+09', '4,15E+11', '2E9', '2125550000.0', '2125550000,00']) {
    t.match(numberOf(text), { issue: /is a number that a spreadsheet has reformatted: format the column as text/ }, text)
    t.match(rangeOf(text), { issue: /is a number that a spreadsheet has reformatted/ }, text)
  }
  for (const text of ['12.03.2024', '2024-03-12', '12/3/2024', '3-12-2024', '2024.12.31']) {
    t.match(rangeOf(text), { issue: /is a date/ }, text)
  }
  for (const text of ['32.12.2024', '13.13.2024']) t.equal(numberOf(text), text.replaceAll('.', ''), text)
  t.match(numberOf('+44 (0)113 496', { plus: { country: '', digits: '' } }), { issue: /has an optional \(0\)/ })
  t.match(numberOf('\u00a0030123'), { issue: /invisible characters in it: U\+00A0/ })
  t.match(numberOf('١٢٣'), { issue: /must be 1 to 32 digits/ })
  t.match(numberOf('9'.repeat(50)), {
    issue: `"${'9'.repeat(40)}…" must be 1 to 32 digits; only spaces, dots, slashes and parentheses may be in between`
  })
})

t.test('returns the block of a prefix', async t => {
  const blockOf = (prefix: string, length: string, notation: Partial<Notation> = {}) => (
    readBlock(prefix, length, { ...PLAIN, ...notation }, MAXIMUM))
  t.strictSame(blockOf('1134 96 0', '3+7', { prepend: '0' }), { first: '01134960000', last: '01134960999', count: 1000 })
  t.strictSame(blockOf('2125550', '10'), { first: '2125550000', last: '2125550999', count: 1000 })
  t.strictSame(blockOf('212556A', ' 10 '), { first: '2125560000', last: '2125569999', count: 10_000 })
  t.strictSame(blockOf('2125550', '7'), { first: '2125550', last: '2125550', count: 1 })
  t.match(blockOf('2125550', '6'), { issue: 'the prefix 2125550 has more digits than the numbers, which have 6' })
  t.match(blockOf('212', '40'), { issue: 'numbers must have 1 to 32 digits, not 40' })
  t.match(blockOf('212', '10'), { issue: /the range has 10000000 numbers/ })
  t.match(blockOf('21x', '10'), { issue: /must be 1 to 32 digits/ })
  for (const length of ['', 'ten', '3+', '1000']) t.match(blockOf('212', length), { issue: /must be a count of digits, or a sum of counts/ })
})
