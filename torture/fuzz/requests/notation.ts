import fc from 'fast-check'
import type { Parameter } from './parameters.js'
import type { Value } from './values.js'

/** How a form is written. All styles have the same meaning. */
export interface FormStyle {
  readonly separators: readonly string[]
  readonly space: '+' | '%20'
  /** The characters that are escaped: those that a URI demands, all, or only those with a meaning in a form. */
  readonly escapes: 'needed' | 'all' | 'few'
  readonly isLowerCase: boolean
}

export const formStyle: fc.Arbitrary<FormStyle> = fc.record({
  separators: fc.constantFrom(['&'], [';'], ['&', ';'], [';', '&', '&&', ';;', '&;']),
  space: fc.constantFrom('+', '%20'),
  escapes: fc.constantFrom('needed', 'needed', 'all', 'few'),
  isLowerCase: fc.boolean()
})

/** Returns parameters as a query or a form, one byte a character. */
export function writeForm (parameters: readonly Parameter[], style: FormStyle, isQuery: boolean): string {
  const bytes = tableOf(style, isQuery)
  const pairs = parameters.map(({ name, value }) => (
    `${escaped(name, bytes)}=${value.kind === 'form' ? rawIn(value.raw, isQuery) : escaped(textOf(value), bytes)}`))
  return pairs.map((pair, index) => index === 0 ? pair : `${style.separators[index % style.separators.length] ?? '&'}${pair}`).join('')
}

function textOf (value: Exclude<Value, { kind: 'form' }>): string {
  return value.kind === 'json' ? value.raw : value.text
}

// A query has no blanks and control characters: they would break the request line.
function rawIn (raw: string, isQuery: boolean): string {
  return isQuery ? raw.replace(/[^!-~\x80-\xff]/g, '_') : raw
}

function escaped (text: string, written: readonly string[]): string {
  let escaped = ''
  for (const byte of bytesOf(text)) escaped += written[byte] ?? ''
  return escaped
}

const tables = new Map<string, string[]>()

/** Returns how each byte is written. */
function tableOf (style: FormStyle, isQuery: boolean): string[] {
  const { space, escapes, isLowerCase } = style
  const key = `${space} ${escapes} ${String(isLowerCase)} ${String(isQuery)}`
  const table = tables.get(key) ?? makeTable(style, isQuery)
  tables.set(key, table)
  return table
}

function makeTable ({ space, escapes, isLowerCase }: FormStyle, isQuery: boolean): string[] {
  return Array.from({ length: 256 }, (_, byte) => {
    const character = String.fromCharCode(byte)
    if (character === ' ') return space
    if (escapes !== 'all' && (/[\w.~*-]/.test(character) || (escapes === 'few' && isHarmless(byte, isQuery)))) return character
    const escape = `%${byte.toString(16).padStart(2, '0')}`
    return isLowerCase ? escape : escape.toUpperCase()
  })
}

function isHarmless (byte: number, isQuery: boolean): boolean {
  return !'%&;+=#'.includes(String.fromCharCode(byte)) && (!isQuery || (byte > 0x20 && byte < 0x7f))
}

/** Returns UTF-8 in which half of a surrogate pair is encoded as if it were a character. */
function bytesOf (text: string): Iterable<number> {
  if (text.isWellFormed()) return Buffer.from(text)
  return Array.from(text).flatMap(character => {
    const code = character.charCodeAt(0)
    if (character.isWellFormed()) return [...Buffer.from(character)]
    return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
  })
}

/** How a JSON object is written. */
export interface JsonStyle {
  readonly space: string
  /** Whether every character is written as \uXXXX. */
  readonly isEscaped: boolean
  /** Whether digits have no quotes, if they are a JSON number and the parameter an integer. */
  readonly hasNumbers: boolean
}

export const jsonStyle: fc.Arbitrary<JsonStyle> = fc.record({
  space: fc.constantFrom('', ' ', '\r\n\t'), isEscaped: fc.constantFrom(false, false, true), hasNumbers: fc.boolean()
})

const INTEGERS = [
  'class', 'ingroup', 'customer', 'region', 'charge_customer', 'validation', 'assigned', 'directory', 'count', 'limit', 'offset', 'pages', 'free',
  'shortcut', 'refund'
]

export function writeJson (parameters: readonly Parameter[], style: JsonStyle): string {
  const { space } = style
  const members = parameters.map(({ name, value }) => `${quoted(name, style)}${space}:${space}${writeValue(name, value, style)}`)
  return `{${space}${members.join(`${space},${space}`)}${space}}`
}

function writeValue (name: string, value: Value, style: JsonStyle): string {
  if (value.kind === 'json') return value.raw
  const text = value.kind === 'form' ? value.raw : value.text
  const isNumber = style.hasNumbers && INTEGERS.includes(name) && /^(0|[1-9][0-9]*)$/.test(text)
  return isNumber ? text : quoted(text, style)
}

function quoted (text: string, { isEscaped }: JsonStyle): string {
  if (!isEscaped) return JSON.stringify(text)
  return `"${text.split('').map(character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
}
