import { CLASSES, CUSTOMERS, INGROUPS, REGIONS } from './demo-data.js'
import { countOf, overlapOf, rangeFrom, type Charge, type NumberRange, type ModelState } from './state.js'
import type { RawParameters, Value } from './read.js'

/** The keys of issues, in the order of the parameter table. */
const KEYS = [
  '', 'auth_username', 'auth_password', 'start', 'class', 'ingroup', 'alias', 'charge_customer', 'customer', 'end', 'region',
  'validation', 'stype'
] as const

type Key = typeof KEYS[number]

/** An issue that the reply must contain: `mentions` lists what its message must mention. */
export interface ExpectedIssue {
  readonly key: string
  readonly mentions: readonly string[]
}

/** The parameters of a call without issues. */
export interface ValidParameters {
  readonly numbers: NumberRange
  readonly aliases: NumberRange | null
  readonly class: number
  readonly ingroup: number
  readonly customer: number
  readonly region: number
  readonly stype: string
  readonly chargeCustomer: boolean
  readonly validation: boolean
  readonly charges: readonly Charge[]
}

const MAX_RANGE = 1_000_000n
const MAX_INTEGER = 2n ** 31n - 1n

/** Conflicts above this count are not counted. */
const MAX_COUNTED = 100_000n

/** The issues, one per name: the first that was found. Those of misspelt names come last, in the order of the call. */
class Issues {
  readonly #mentions = new Map<string, readonly string[]>()

  add (key: string, mentions: readonly string[] = []): void {
    if (!this.has(key)) this.#mentions.set(key, mentions)
  }

  has (key: string): boolean {
    return this.#mentions.has(key)
  }

  list (): ExpectedIssue[] {
    const rank = (key: string): number => {
      const position = KEYS.findIndex(known => known === key)
      return position === -1 ? KEYS.length : position
    }
    const issues = Array.from(this.#mentions, ([key, mentions]) => ({ key, mentions }))
    return issues.sort((one, other) => rank(one.key) - rank(other.key))
  }
}

interface Kind {
  readonly pattern: RegExp
  /** Whether a JSON number is accepted. */
  readonly isNumeric?: boolean
  /** Whether true and false of JSON are accepted. */
  readonly isFlag?: boolean
  /** The default. A parameter without one is required. */
  readonly defaultValue?: string
}

const INTEGER = { pattern: /^[0-9]+$/, isNumeric: true }
const FLAG = { pattern: /^[01]$/, isNumeric: true, isFlag: true, defaultValue: '0' }

/** Returns the issues of a call, or its parameters if there are none. */
export function checkParameters ({ values, isBodyBroken }: RawParameters, state: ModelState): ValidParameters | ExpectedIssue[] {
  const issues = new Issues()
  /** Returns the value of a parameter, or `undefined` after an issue. */
  const textOf = (key: Key, { pattern, isNumeric = false, isFlag = false, defaultValue }: Kind): string | undefined => {
    const [given, ...more] = values.get(key) ?? []
    const text = given === undefined ? '' : plainText(given, isNumeric, isFlag)
    const known = text === '' ? defaultValue : text
    if (more.length === 0 && known !== undefined && (text === '' || pattern.test(known))) return known
    issues.add(key)
    return undefined
  }
  const integerOf = (key: Key, defaultValue?: string): number | undefined => {
    const text = textOf(key, defaultValue === undefined ? INTEGER : { ...INTEGER, defaultValue })
    if (text === undefined || BigInt(text) <= MAX_INTEGER) return text === undefined ? undefined : Number(text)
    issues.add(key)
    return undefined
  }
  const flagOf = (key: Key): boolean | undefined => {
    const text = textOf(key, FLAG)
    return text === undefined ? undefined : text === '1'
  }

  if (isBodyBroken) issues.add('')
  for (const name of values.keys()) {
    const meant = parameterMeantBy(name)
    if (meant !== undefined) issues.add(name, [meant])
  }
  for (const key of ['auth_username', 'auth_password'] as const) {
    if ((values.get(key)?.length ?? 0) > 1) issues.add(key)
  }
  const start = textOf('start', { pattern: /^[0-9]{1,32}$/ })
  const end = textOf('end', { pattern: /^[0-9]{1,32}$/, defaultValue: '' })
  const alias = textOf('alias', { pattern: /^[+]?[0-9]{1,32}$/, defaultValue: '' })
  const stype = textOf('stype', { pattern: /^(number|callerid)$/, defaultValue: 'number' })
  const numberClass = integerOf('class')
  const ingroup = integerOf('ingroup')
  const customer = integerOf('customer', '0')
  const region = integerOf('region', '0')
  const chargeCustomer = flagOf('charge_customer')
  const validation = flagOf('validation')

  const numbers = start === undefined || end === undefined ? undefined : rangeOf(start, end)
  let aliases: NumberRange | null = null
  if (numbers !== undefined) {
    addConflict('start', numbers, state.map(load => load.numbers), issues)
    if (alias !== undefined && alias !== '') aliases = rangeFrom(alias, BigInt(countOf(numbers))) ?? null
    if (aliases !== null) addConflict('alias', aliases, state.map(load => load.aliases), issues)
    else if (alias !== '') issues.add('alias')
  } else if (start !== undefined && end !== undefined) {
    issues.add('end')
  }

  addReferenceIssues({ class: numberClass, ingroup, customer, region }, issues)
  const charges = chargeCustomer === true ? chargesFor(customer, numberClass, issues) : []

  if (issues.list().length === 0 && numbers !== undefined && numberClass !== undefined && ingroup !== undefined &&
    customer !== undefined && region !== undefined && stype !== undefined && chargeCustomer !== undefined &&
    validation !== undefined) {
    return { numbers, aliases, class: numberClass, ingroup, customer, region, stype, chargeCustomer, validation, charges }
  }
  return issues.list()
}

type References = Record<'class' | 'ingroup' | 'customer' | 'region', number | undefined>

function addReferenceIssues ({ class: numberClass, ingroup, customer, region }: References, issues: Issues): void {
  if (numberClass !== undefined) {
    const reservedFor = CLASSES.get(numberClass)
    if (reservedFor === undefined) issues.add('class', [String(numberClass)])
    else if (reservedFor !== null && customer !== undefined && customer !== 0 && customer !== reservedFor) issues.add('class')
  }
  if (ingroup !== undefined && !INGROUPS.has(ingroup)) issues.add('ingroup', [String(ingroup)])
  if (customer !== undefined && customer !== 0 && !CUSTOMERS.has(customer)) issues.add('customer', [String(customer)])
  if (region !== undefined && region !== 0 && !REGIONS.has(region)) issues.add('region', [String(region)])
}

/** Returns the charges of a load. They are known only if neither customer nor class has an issue. */
function chargesFor (customer: number | undefined, numberClass: number | undefined, issues: Issues): Charge[] {
  if (customer === 0) issues.add('charge_customer')
  if (customer === undefined || numberClass === undefined || issues.has('class') || !CUSTOMERS.has(customer)) return []
  const charges = chargesOf(customer, numberClass)
  if (charges === undefined) issues.add('charge_customer')
  return charges ?? []
}

/** Returns the parameter that a name is a misspelling of, or `undefined` if it is a parameter or like none. */
function parameterMeantBy (name: string): string | undefined {
  const names = KEYS.filter(key => key !== '')
  if (names.some(key => key === name)) return undefined
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

function plainText (value: Value, isNumeric: boolean, isFlag: boolean): string | undefined {
  if (value.kind === 'text') return value.text
  if (value.kind === 'boolean') return isFlag ? value.digit : undefined
  return value.kind === 'number' && isNumeric ? value.literal : undefined
}

function rangeOf (start: string, end: string): NumberRange | undefined {
  if (end === '') return rangeFrom(start, 1n)
  const count = BigInt(end) - BigInt(start) + 1n
  if (end.length !== start.length || count < 1n || count > MAX_RANGE) return undefined
  return rangeFrom(start, count)
}

function addConflict (key: Key, range: NumberRange, others: ReadonlyArray<NumberRange | null>, issues: Issues): void {
  const overlap = overlapOf(range, others)
  if (overlap === undefined) return
  const count = overlap.count > MAX_COUNTED ? MAX_COUNTED : overlap.count
  issues.add(key, [String(count), overlap.first])
}

/** Returns the charges, the customer's first, or `undefined` if the customer has no parent or a price is missing. */
function chargesOf (customer: number, numberClass: number): Charge[] | undefined {
  const chain: number[] = []
  for (let id: number | null = customer; id !== null; id = CUSTOMERS.get(id)?.parent ?? null) chain.push(id)
  if (chain.length === 1) return undefined
  const charges: Charge[] = []
  for (const [height, payer] of chain.slice(0, -1).entries()) {
    const unitPrice = chain.slice(height).map(id => CUSTOMERS.get(id)?.prices.get(numberClass)).find(price => price !== undefined)
    if (unitPrice === undefined) return undefined
    charges.push({ customer: payer, unitPrice })
  }
  return charges
}
