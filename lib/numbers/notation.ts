import { describeInvisible } from '../parameters/invisible.js'
import { rangeBetween, type NumberRange, type RangeIssue } from './number-range.js'

/** The notation of the numbers of a list; see {@link readNumber}. */
export interface Notation {
  /** Whether hyphens are part of numbers, and do not separate the ends of a range. */
  readonly stripsHyphens: boolean
  /** Replacement for a leading plus sign, or `undefined` if a plus sign is refused. */
  readonly plus: PlusReplacement | undefined
  /** Digits to put before every number. */
  readonly prepend: string
}

/** The digits that replace a plus sign and the country code after it. */
export interface PlusReplacement {
  readonly country: string
  readonly digits: string
}

const DIGITS = /^[0-9]{1,32}$/

const HYPHEN = /[-\u2013]/
const HYPHENS = /[-\u2013]/g

/** Characters inside a number that have no meaning. */
const PUNCTUATION = /[ ./()]/g

const SCIENTIFIC = /^[0-9]+([.,][0-9]+)?E[+-]?[0-9]+$/i

const DECIMAL = /^[0-9]+[.,]0+$/

const DATE = /^(?:([0-9]{1,2})([-/.])([0-9]{1,2})\2[0-9]{4}|[0-9]{4}([-/.])([0-9]{1,2})\4([0-9]{1,2}))$/

/** A zero in parentheses after other digits, as in +44 (0)113: it is dialled only without the country code. */
const OPTIONAL_ZERO = /[0-9][ ./]*\([ ]*0[ ]*\)/

const FREE_DIGITS = /^([0-9 ./()+\u2013-]*[0-9 )])([Xx][Xx ./()]*)$/

const MAX_SHOWN_CHARACTERS = 40

/**
 * Returns the digits of a number: spaces, dots, slashes and parentheses inside are removed. Ambiguous text is refused: a plus
 * sign without a replacement, and numbers that a spreadsheet has reformatted.
 */
export function readNumber (cell: string, notation: Notation): string | RangeIssue {
  if (DIGITS.test(cell) && notation.prepend === '') return cell
  const text = trimSpaces(cell)
  const damage = describeDamage(text)
  if (damage !== undefined) return { issue: `${quote(text)} ${damage}` }
  const stripped = text.replace(PUNCTUATION, '')
  const plain = replacePlus(notation.stripsHyphens ? stripped.replace(HYPHENS, '') : stripped, notation.plus)
  if (typeof plain !== 'string') return { issue: `${quote(text)} ${plain.issue}` }
  if (!notation.stripsHyphens && HYPHEN.test(plain)) {
    return { issue: `${quote(text)} must be one number: a hyphen separates the ends of a range, and belongs to a number only with punctuation=strip` }
  }
  const digits = notation.prepend + plain
  if (DIGITS.test(plain) && DIGITS.test(digits)) return digits
  return { issue: `${quote(text)} must be 1 to 32 digits; only spaces, dots, slashes and parentheses may be in between${describeInvisible(cell)}` }
}

/**
 * Returns the numbers of one cell: a number, both ends of a range (`2125550000-2125559999`), an abbreviated end (`1234500-99`)
 * or free digits at the end (`21255500XX`).
 */
export function readRange (cell: string, notation: Notation, maximum: number): NumberRange | RangeIssue {
  if (DIGITS.test(cell) && notation.prepend === '') return { first: cell, last: cell, count: 1 }
  const text = trimSpaces(cell)
  // A date would otherwise be a range whose ends make no sense.
  const ends = notation.stripsHyphens || DATE.test(text) ? [text] : text.split(HYPHENS)
  const [start = '', end] = ends
  if (ends.length > 2) {
    return { issue: `${quote(text)} has several hyphens, but only one can separate the ends of a range: if hyphens belong to the numbers, give punctuation=strip` }
  }
  if (end !== undefined) return readEnds(start, end, notation, maximum)
  const free = FREE_DIGITS.exec(text)
  if (free === null) return readSingle(text, cell, notation)
  const [, head = '', places = ''] = free
  const first = readNumber(head + places.replace(/x/gi, '0'), notation)
  const last = readNumber(head + places.replace(/x/gi, '9'), notation)
  if (typeof first !== 'string') return first
  return typeof last === 'string' ? rangeBetween(first, last, maximum) : last
}

/**
 * Returns all numbers that begin with a prefix and have `length` digits: `10`, or a sum (`3+7`). An `A` at the end of the prefix
 * means all digits, as in the thousands blocks of the North American plan.
 */
export function readBlock (prefix: string, length: string, notation: Notation, maximum: number): NumberRange | RangeIssue {
  if (!/^ *[0-9]{1,2}( *\+ *[0-9]{1,2})* *$/.test(length)) {
    return { issue: `the length ${quote(length)} must be a count of digits, or a sum of counts: 10, or 3+7` }
  }
  const head = readNumber(trimSpaces(prefix).replace(/A$/, ''), { ...notation, prepend: '' })
  if (typeof head !== 'string') return head
  const digits = length.split('+').reduce((sum, part) => sum + Number(part), 0)
  const free = digits - head.length
  if (free < 0) return { issue: `the prefix ${head} has more digits than the numbers, which have ${digits}` }
  const first = notation.prepend + head + '0'.repeat(free)
  if (!DIGITS.test(first)) return { issue: `numbers must have 1 to 32 digits, not ${first.length}` }
  return rangeBetween(first, notation.prepend + head + '9'.repeat(free), maximum)
}

/** Returns a text in quotes, for a message. */
export function quote (text: string): string {
  // Without half of a surrogate pair at the end.
  const shown = text.slice(0, MAX_SHOWN_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '')
  return text.length > MAX_SHOWN_CHARACTERS ? `"${shown}…"` : `"${text}"`
}

/**
 * Removes outer spaces and tabs. Not trim(), which would also remove spaces that are not visible as such, and must be reported;
 * and not a regular expression, which would try each space inside as the beginning of the last ones.
 */
export function trimSpaces (text: string): string {
  let [begin, end] = [0, text.length]
  while (isSpace(text.charCodeAt(begin))) begin++
  while (end > begin && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(begin, end)
}

function isSpace (character: number): boolean {
  return character === 0x20 || character === 0x09
}

function readSingle (text: string, cell: string, notation: Notation): NumberRange | RangeIssue {
  if (/^[0-9 ./()+\u2013-]*x/i.test(text)) return { issue: `${quote(text)} has an X before other digits: free digits must be at the end` }
  const number = readNumber(cell, notation)
  return typeof number === 'string' ? { first: number, last: number, count: 1 } : number
}

function readEnds (start: string, end: string, notation: Notation, maximum: number): NumberRange | RangeIssue {
  const first = readNumber(start, notation)
  if (typeof first !== 'string') return first
  const isWhole = /^ *\+/.test(end)
  const last = readNumber(end, { ...notation, prepend: '' })
  if (typeof last !== 'string') return last
  const missing = first.length - notation.prepend.length - last.length
  if (missing < 0) {
    return { issue: `the end ${last} has more digits than the start: if the hyphen belongs to the number, give punctuation=strip` }
  }
  const replaced = isWhole ? notation.prepend : first.slice(0, notation.prepend.length + missing)
  return rangeBetween(first, replaced + last, maximum)
}

function replacePlus (text: string, plus: PlusReplacement | undefined): string | RangeIssue {
  if (!text.startsWith('+')) return text
  if (plus === undefined) {
    return { issue: 'begins with +: give the parameter plus to replace it: plus= by nothing, plus=00 by 00, or plus=44:0 by 0 for +44' }
  }
  const digits = text.slice(1)
  if (!digits.startsWith(plus.country)) return { issue: `does not begin with +${plus.country}, which the parameter plus replaces` }
  return plus.digits + digits.slice(plus.country.length)
}

/** Returns a description of the ambiguity or damage in a text that otherwise looks like a number. */
function describeDamage (text: string): string | undefined {
  if (SCIENTIFIC.test(text) || DECIMAL.test(text)) {
    return 'is a number that a spreadsheet has reformatted: format the column as text, enter the number again, and export the file again'
  }
  if (isDate(text)) return 'is a date: if it is a number, write its digits without punctuation'
  if (OPTIONAL_ZERO.test(text)) return 'has an optional (0), which may or may not be dialled: remove it, or only its parentheses'
  return undefined
}

function isDate (text: string): boolean {
  const [, day, , month, , otherMonth, otherDay] = DATE.exec(text) ?? []
  const [first, second] = [Number(day ?? otherDay), Number(month ?? otherMonth)]
  return Math.max(first, second) <= 31 && Math.min(first, second) <= 12
}
