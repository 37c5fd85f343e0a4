import { createHash } from 'node:crypto'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** The only source of random values. The same seed and path give the same values, independently of other instances. */
export class Random {
  readonly #generator

  /** The path names the purpose of the values: a scenario and its round. */
  constructor (seed: number, ...path: ReadonlyArray<string | number>) {
    this.#generator = xoroshiro128plus(createHash('sha256').update([seed, ...path].join('/')).digest().readInt32LE())
  }

  /** Returns an integer from `min` to `max`, both included. */
  integer (min: number, max: number): number {
    return uniformInt(this.#generator, min, max)
  }

  chance (probability: number): boolean {
    return this.fraction() < probability
  }

  /** Returns a number from 0 to 1, excluding 1. */
  fraction (): number {
    return this.integer(0, 999_999) / 1_000_000
  }

  pick<Item> (items: readonly [Item, ...Item[]]): Item {
    return items[this.integer(0, items.length - 1)] ?? items[0]
  }

  /** Returns an integer from 1 to `max`. Every order of magnitude is equally likely. */
  size (max: number): number {
    return Math.max(1, Math.round(max ** this.fraction()))
  }
}
