import type { Random } from './random.js'

/** The parameters of a create request, and the price that it must charge. */
export interface CreateRequest {
  readonly start: string
  readonly end: string
  readonly count: number
  readonly alias: string | null
  readonly class: number
  readonly ingroup: number
  readonly customer: number | null
  readonly region: number | null
  readonly stype: 'number' | 'callerid'
  /** What all payers together pay for one number; `null` for a load without charges. */
  readonly price: string | null
}

/** A block of numbers that only one round uses. Width and leading digits vary between blocks. */
export class NumberBlock {
  readonly #prefix: string
  readonly #base: bigint

  constructor (random: Random, round: number) {
    // A bigint holds the last 18 digits of a number, and the digits before them are handled apart: some blocks cross that border.
    const [prefix, first] = random.pick<readonly [string, bigint]>([
      ['', 2_000n * 10n ** 9n], ['0', 2_000n * 10n ** 9n], ['0049', 2_000n * 10n ** 9n], ['', 49_000n * 10n ** 18n]
    ])
    const step = first > 10n ** 18n ? 10n ** 18n : 10n ** 9n
    this.#prefix = prefix
    this.#base = first + BigInt(round) * step - BigInt(random.integer(0, 500_000))
  }

  /** Returns the number at an offset of at most 900,000,000. */
  at (offset: number): string {
    return this.#prefix + String(this.#base + BigInt(offset))
  }

  /** Returns the alias that belongs to an offset. No two offsets have the same alias. */
  aliasAt (offset: number): string {
    return `+7${this.at(offset)}`
  }
}

/** The price of a class for customer 3: what customer 3 and its parent 2 pay together, by the demo data's plans. */
const PRICES: Readonly<Record<number, string>> = { 1: '2.50', 2: '25.00' }

/** Returns a create request with default attributes, unless `more` sets others. */
export function loadOf (block: NumberBlock, offset: number, count: number, more: Partial<CreateRequest> = {}): CreateRequest {
  return {
    start: block.at(offset),
    end: block.at(offset + count - 1),
    count,
    alias: null,
    class: 1,
    ingroup: 1,
    customer: null,
    region: null,
    stype: 'number',
    price: null,
    ...more
  }
}

/** Returns a create request with random attributes. */
export function anyLoad (random: Random, block: NumberBlock, offset: number, count: number): CreateRequest {
  const numberClass = random.integer(1, 2)
  const customer = random.pick([null, 2, 3])
  const price = customer === 3 && random.chance(0.9) ? PRICES[numberClass] ?? null : null
  return loadOf(block, offset, count, {
    alias: random.chance(0.4) ? block.aliasAt(offset) : null,
    class: numberClass,
    ingroup: random.integer(1, 3),
    customer,
    region: random.pick([null, 1, 2]),
    stype: random.pick(['number', 'callerid']),
    price
  })
}
