import type { RawParameters } from './read.js'
import type { Value } from './value.js'

/** An issue that the reply must contain: `mentions` lists what its message must mention. */
export interface ExpectedIssue {
  readonly key: string
  readonly mentions: readonly string[]
}

interface Kind {
  readonly pattern: RegExp
  /** Whether a JSON number is accepted. */
  readonly isNumeric?: boolean
  /** Whether true and false of JSON are accepted. */
  readonly isFlag?: boolean
  /** Whether an empty text is not the same as no text. */
  readonly emptyIsValue?: boolean
}

export const NUMBER = { pattern: /^[0-9]{1,32}$/ }
export const ALIAS = { pattern: /^[+]?[0-9]{1,32}$/ }
export const STYPE = { pattern: /^(number|callerid)$/ }
const INTEGER = { pattern: /^[0-9]+$/, isNumeric: true }
const FLAG = { pattern: /^[01]$/, isNumeric: true, isFlag: true }

const MAX_INTEGER = 2n ** 31n - 1n

const CREDENTIALS = ['auth_username', 'auth_password']

/**
 * The parameters of a call as an endpoint reads them, with the issues of all that it has read. Of every read value, `undefined`
 * is one with an issue, and `null` one that was not sent.
 */
export class Parameters {
  readonly #raw: RawParameters
  readonly #names: readonly string[]
  /** The first issue of each name. */
  readonly #issues = new Map<string, readonly string[]>()

  /** `names` is the parameter table of the endpoint. */
  constructor (raw: RawParameters, names: readonly string[]) {
    this.#raw = raw
    this.#names = [...CREDENTIALS, ...names]
    if (raw.isBodyBroken) this.addIssue('')
    for (const name of raw.values.keys()) {
      const meant = this.#names.includes(name) ? undefined : parameterMeantBy(name, this.#names)
      if (meant !== undefined) this.addIssue(name, [meant])
    }
    for (const key of CREDENTIALS) {
      if ((raw.values.get(key)?.length ?? 0) > 1) this.addIssue(key)
    }
  }

  addIssue (key: string, mentions: readonly string[] = []): void {
    if (!this.hasIssue(key)) this.#issues.set(key, mentions)
  }

  hasIssue (key: string): boolean {
    return this.#issues.has(key)
  }

  /** Returns the issues in the order of the parameter table. Those of misspelt names come last, in the order of the call. */
  issues (): ExpectedIssue[] {
    const order = ['', ...this.#names]
    const rank = (key: string): number => order.includes(key) ? order.indexOf(key) : order.length
    return Array.from(this.#issues, ([key, mentions]) => ({ key, mentions }))
      .sort((one, other) => rank(one.key) - rank(other.key))
  }

  text (name: string, { pattern, isNumeric = false, isFlag = false, emptyIsValue = false }: Kind): string | null | undefined {
    const [given, ...more] = this.#raw.values.get(name) ?? []
    const text = given === undefined ? null : plainText(given, isNumeric, isFlag)
    const isAbsent = text === null || (text === '' && !emptyIsValue)
    if (more.length === 0 && text !== undefined && (isAbsent || text === '' || pattern.test(text))) return isAbsent ? null : text
    this.addIssue(name)
    return undefined
  }

  integer (name: string): number | null | undefined {
    const text = this.text(name, INTEGER)
    if (text == null || BigInt(text) <= MAX_INTEGER) return text == null ? text : Number(text)
    this.addIssue(name)
    return undefined
  }

  /** Returns `false` for a flag with an issue: nothing depends on it. */
  flag (name: string): boolean {
    return this.text(name, FLAG) === '1'
  }

  /** Returns a value that must be sent, or `undefined` after an issue. */
  required<Content> (name: string, value: Content | null | undefined): Content | undefined {
    if (value === null) this.addIssue(name)
    return value ?? undefined
  }
}

function plainText (value: Value, isNumeric: boolean, isFlag: boolean): string | null | undefined {
  if (value.kind === 'text') return value.text
  if (value.kind === 'null') return null
  if (value.kind === 'boolean') return isFlag ? value.digit : undefined
  return value.kind === 'number' && isNumeric ? value.literal : undefined
}

/** Returns the parameter that a name is a misspelling of, or `undefined` if it is like none. */
function parameterMeantBy (name: string, names: readonly string[]): string | undefined {
  const folded = name.toLowerCase().split('-').join('_')
  return names.find(key => editDistance(folded, key) <= (key.length >= 10 ? 3 : key.length >= 7 ? 2 : 1))
}

/** Returns how many letters must be inserted, deleted, replaced, or exchanged with the next one, to make one text the other. */
function editDistance (one: string, other: string): number {
  // A longer text is too far from every parameter.
  if (one.length > 30) return Infinity
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= one.length; row++) {
    const costs = [row]
    rows.push(costs)
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      const isExchanged = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      costs.push(Math.min(
        at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (isSame ? 0 : 1),
        isExchanged ? at(row - 2, column - 2) + 1 : Infinity))
    }
  }
  return at(one.length, other.length)
}
