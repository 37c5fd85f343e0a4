import { CLASSES, CUSTOMERS, INGROUPS, REGIONS } from './demo-data.js'
import { lengthOf, overlapOf, runFrom, type Charge, type Run, type World } from './world.js'
import type { Said, Value } from './read.js'

/** In the order of the parameter table. */
const KEYS = [
  '', 'auth_username', 'auth_password', 'start', 'class', 'ingroup', 'alias', 'charge_customer', 'customer', 'end', 'region',
  'validation', 'stype'
] as const

export type Key = typeof KEYS[number]

/** A parameter that is refused; `mentions` is what its message must tell. */
export interface Refusal {
  readonly key: Key
  readonly mentions: readonly string[]
}

/** The parameters of a call that nothing stands against. */
export interface Accepted {
  readonly numbers: Run
  readonly aliases: Run | null
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
const LARGEST_INTEGER = 2n ** 31n - 1n

/** More of what exists is not counted. */
const MOST_COUNTED = 100_000n

/** What is refused, one entry a parameter: the first that was found. */
class Refusals {
  readonly #mentions = new Map<Key, readonly string[]>()

  add (key: Key, mentions: readonly string[] = []): void {
    if (!this.has(key)) this.#mentions.set(key, mentions)
  }

  has (key: Key): boolean {
    return this.#mentions.has(key)
  }

  list (): Refusal[] {
    return KEYS.flatMap(key => {
      const mentions = this.#mentions.get(key)
      return mentions === undefined ? [] : [{ key, mentions }]
    })
  }
}

interface Kind {
  readonly pattern: RegExp
  /** JSON numbers will do. */
  readonly isNumeric?: boolean
  /** What it is where it is not given; without it, it must be. */
  readonly fallback?: string
}

const INTEGER = { pattern: /^[0-9]+$/, isNumeric: true }
const FLAG = { pattern: /^[01]$/, isNumeric: true, fallback: '0' }

/** What the 400s of a call are, or what it comes to. */
export function judgeParameters ({ values, isBodyBroken }: Said, world: World): Accepted | Refusal[] {
  const refusals = new Refusals()
  /** The one value of a name; `undefined` where it is refused. */
  const textOf = (key: Key, { pattern, isNumeric = false, fallback }: Kind): string | undefined => {
    const [given, ...more] = values.get(key) ?? []
    const text = given === undefined ? '' : plainText(given, isNumeric)
    const known = text === '' ? fallback : text
    if (more.length === 0 && known !== undefined && (text === '' || pattern.test(known))) return known
    refusals.add(key)
    return undefined
  }
  const integerOf = (key: Key, fallback?: string): number | undefined => {
    const text = textOf(key, fallback === undefined ? INTEGER : { ...INTEGER, fallback })
    if (text === undefined || BigInt(text) <= LARGEST_INTEGER) return text === undefined ? undefined : Number(text)
    refusals.add(key)
    return undefined
  }
  const flagOf = (key: Key): boolean | undefined => {
    const text = textOf(key, FLAG)
    return text === undefined ? undefined : text === '1'
  }

  if (isBodyBroken) refusals.add('')
  for (const key of ['auth_username', 'auth_password'] as const) {
    if ((values.get(key)?.length ?? 0) > 1) refusals.add(key)
  }
  const start = textOf('start', { pattern: /^[0-9]{1,32}$/ })
  const end = textOf('end', { pattern: /^[0-9]{1,32}$/, fallback: '' })
  const alias = textOf('alias', { pattern: /^[+]?[0-9]{1,32}$/, fallback: '' })
  const stype = textOf('stype', { pattern: /^(number|callerid)$/, fallback: 'number' })
  const numberClass = integerOf('class')
  const ingroup = integerOf('ingroup')
  const customer = integerOf('customer', '0')
  const region = integerOf('region', '0')
  const chargeCustomer = flagOf('charge_customer')
  const validation = flagOf('validation')

  const numbers = start === undefined || end === undefined ? undefined : rangeOf(start, end)
  let aliases: Run | null = null
  if (numbers !== undefined) {
    refuseOverlap('start', numbers, world.map(load => load.numbers), refusals)
    if (alias !== undefined && alias !== '') aliases = runFrom(alias, BigInt(lengthOf(numbers))) ?? null
    if (aliases !== null) refuseOverlap('alias', aliases, world.map(load => load.aliases), refusals)
    else if (alias !== '') refusals.add('alias')
  } else if (start !== undefined && end !== undefined) {
    refusals.add('end')
  }

  refuseReferences({ class: numberClass, ingroup, customer, region }, refusals)
  const charges = chargeCustomer === true ? chargesFor(customer, numberClass, refusals) : []

  if (refusals.list().length === 0 && numbers !== undefined && numberClass !== undefined && ingroup !== undefined &&
    customer !== undefined && region !== undefined && stype !== undefined && chargeCustomer !== undefined &&
    validation !== undefined) {
    return { numbers, aliases, class: numberClass, ingroup, customer, region, stype, chargeCustomer, validation, charges }
  }
  return refusals.list()
}

type References = Record<'class' | 'ingroup' | 'customer' | 'region', number | undefined>

function refuseReferences ({ class: numberClass, ingroup, customer, region }: References, refusals: Refusals): void {
  if (numberClass !== undefined) {
    const reservedFor = CLASSES.get(numberClass)
    if (reservedFor === undefined) refusals.add('class', [String(numberClass)])
    else if (reservedFor !== null && customer !== undefined && customer !== 0 && customer !== reservedFor) refusals.add('class')
  }
  if (ingroup !== undefined && !INGROUPS.has(ingroup)) refusals.add('ingroup', [String(ingroup)])
  if (customer !== undefined && customer !== 0 && !CUSTOMERS.has(customer)) refusals.add('customer', [String(customer)])
  if (region !== undefined && region !== 0 && !REGIONS.has(region)) refusals.add('region', [String(region)])
}

/** Who pays for a purchase; what it costs is known only of a customer and a class that are not refused. */
function chargesFor (customer: number | undefined, numberClass: number | undefined, refusals: Refusals): Charge[] {
  if (customer === 0) refusals.add('charge_customer')
  if (customer === undefined || numberClass === undefined || refusals.has('class') || !CUSTOMERS.has(customer)) return []
  const charges = chargesOf(customer, numberClass)
  if (charges === undefined) refusals.add('charge_customer')
  return charges ?? []
}

function plainText (value: Value, isNumeric: boolean): string | undefined {
  if (value.kind === 'text') return value.text
  return value.kind === 'number' && isNumeric ? value.literal : undefined
}

function rangeOf (start: string, end: string): Run | undefined {
  if (end === '') return runFrom(start, 1n)
  const count = BigInt(end) - BigInt(start) + 1n
  if (end.length !== start.length || count < 1n || count > MAX_RANGE) return undefined
  return runFrom(start, count)
}

function refuseOverlap (key: Key, run: Run, others: ReadonlyArray<Run | null>, refusals: Refusals): void {
  const overlap = overlapOf(run, others)
  if (overlap === undefined) return
  const count = overlap.count > MOST_COUNTED ? MOST_COUNTED : overlap.count
  refusals.add(key, [String(count), overlap.first])
}

/** Who pays, the customer first; `undefined` for nobody to buy from, or no price. */
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
