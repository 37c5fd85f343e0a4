import type { Random } from './random.js'

/** What a load asks for, as the function's parameters have it, and what it must cost. */
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
  /** What all payers together pay for one number, `null` for a load that charges nobody. */
  readonly price: string | null
}

/** Numbers that one round has for itself, at widths and with heads that vary. */
export class Area {
  readonly #head: string
  readonly #base: bigint

  constructor (random: Random, round: number) {
    // A load counts in the last 18 digits, and carries those before them along: some ranges cross that border.
    const [head, first] = random.pick<readonly [string, bigint]>([
      ['', 2_000n * 10n ** 9n], ['0', 2_000n * 10n ** 9n], ['0049', 2_000n * 10n ** 9n], ['', 49_000n * 10n ** 18n]
    ])
    const step = first > 10n ** 18n ? 10n ** 18n : 10n ** 9n
    this.#head = head
    this.#base = first + BigInt(round) * step - BigInt(random.integer(0, 500_000))
  }

  /** The number at a place, which may be up to 900,000,000. */
  at (place: number): string {
    return this.#head + String(this.#base + BigInt(place))
  }

  /** The alias that belongs to a place; no two places have the same. */
  aliasAt (place: number): string {
    return `+7${this.at(place)}`
  }
}

/** The sums of the demo data's plans for customer 3, who pays as 2 does. */
const PRICES: Readonly<Record<number, string>> = { 1: '2.50', 2: '25.00' }

/** The plainest load of a range. */
export function loadOf (area: Area, place: number, count: number, more: Partial<CreateRequest> = {}): CreateRequest {
  return {
    start: area.at(place),
    end: area.at(place + count - 1),
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

/** A load of a range with everything else by chance. */
export function anyLoad (random: Random, area: Area, place: number, count: number): CreateRequest {
  const numberClass = random.integer(1, 2)
  const customer = random.pick([null, 2, 3])
  const price = customer === 3 && random.chance(0.9) ? PRICES[numberClass] ?? null : null
  return loadOf(area, place, count, {
    alias: random.chance(0.4) ? area.aliasAt(place) : null,
    class: numberClass,
    ingroup: random.integer(1, 3),
    customer,
    region: random.pick([null, 1, 2]),
    stype: random.pick(['number', 'callerid']),
    price
  })
}
