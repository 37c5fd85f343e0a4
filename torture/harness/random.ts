import { createHash } from 'node:crypto'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** The one source of chance: the same for the same seed and place, whatever was drawn elsewhere. */
export class Random {
  readonly #generator

  /** The place is what the numbers are drawn for: a scenario and its round. */
  constructor (seed: number, ...place: ReadonlyArray<string | number>) {
    this.#generator = xoroshiro128plus(createHash('sha256').update([seed, ...place].join('/')).digest().readInt32LE())
  }

  /** From `least` to `most`, both included. */
  integer (least: number, most: number): number {
    return uniformInt(this.#generator, least, most)
  }

  chance (probability: number): boolean {
    return this.fraction() < probability
  }

  /** From 0 up to, not including, 1. */
  fraction (): number {
    return this.integer(0, 999_999) / 1_000_000
  }

  pick<Item> (items: readonly [Item, ...Item[]]): Item {
    return items[this.integer(0, items.length - 1)] ?? items[0]
  }

  /** From 1 to `most`, every order of magnitude as likely as another. */
  size (most: number): number {
    return Math.max(1, Math.round(most ** this.fraction()))
  }
}
