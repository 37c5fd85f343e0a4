import { CLASSES, CUSTOMERS, INGROUPS, REGIONS } from './demo-data.js'
import { countOf, overlapOf, rangeFrom, type Charge, type NumberRange, type ModelState } from './state.js'
import type { RawParameters, Value } from './read.js'

/** The keys of issues, in the order of the parameter table. */
const KEYS = [
  '', 'auth_username', 'auth_password', 'start', 'class', 'ingroup', 'alias', 'charge_customer', 'customer', 'end', 'region',
  'validation', 'stype'
] as const

export type Key = typeof KEYS[number]

/** An issue that the reply must contain: `mentions` lists what its message must mention. */
export interface ExpectedIssue {
  readonly key: Key
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

/** The issues, one per parameter: the first that was found. */
class Issues {
  readonly #mentions = new Map<Key, readonly string[]>()

  add (key: Key, mentions: readonly string[] = []): void {
    if (!this.has(key)) this.#mentions.set(key, mentions)
  }

  has (key: Key): boolean {
    return this.#mentions.has(key)
  }

  list (): ExpectedIssue[] {
    return KEYS.flatMap(key => {
      const mentions = this.#mentions.get(key)
      return mentions === undefined ? [] : [{ key, mentions }]
    })
  }
}

interface Kind {
  readonly pattern: RegExp
  /** Whether a JSON number is accepted. */
  readonly isNumeric?: boolean
  /** The default. A parameter without one is required. */
  readonly defaultValue?: string
}

const INTEGER = { pattern: /^[0-9]+$/, isNumeric: true }
const FLAG = { pattern: /^[01]$/, isNumeric: true, defaultValue: '0' }

/** Returns the issues of a call, or its parameters if there are none. */
export function checkParameters ({ values, isBodyBroken }: RawParameters, state: ModelState): ValidParameters | ExpectedIssue[] {
  const issues = new Issues()
  /** Returns the value of a parameter, or `undefined` after an issue. */
  const textOf = (key: Key, { pattern, isNumeric = false, defaultValue }: Kind): string | undefined => {
    const [given, ...more] = values.get(key) ?? []
    const text = given === undefined ? '' : plainText(given, isNumeric)
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

function plainText (value: Value, isNumeric: boolean): string | undefined {
  if (value.kind === 'text') return value.text
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
