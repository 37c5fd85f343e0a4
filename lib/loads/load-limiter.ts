import type { Pool } from 'pg'
import { Limiter, type Waiting } from '../concurrency/limiter.js'

/** A load of more numbers is a large one: it holds its connection for longer than a moment. */
const MAX_SMALL_LOAD = 10_000

/** Loads of one number that are under way at once; they queue for connections, or share them, by themselves. */
const SINGLES = 256

/** Connections of a pool that does not tell; the default of pg. */
const DEFAULT_POOL_SIZE = 10

const ADMISSIONS = new WeakMap<Pool, LoadLimiter>()

/**
 * Decides which loads may use the connections of a pool now. There is a connection for each load that runs, and large
 * ones run on half of them at most, so that small ones, and people who log in, always find one.
 */
export class LoadLimiter {
  readonly #singles = new Limiter(SINGLES)
  readonly #all: Limiter
  readonly #large: Limiter

  constructor (connections: number) {
    this.#all = new Limiter(connections)
    this.#large = new Limiter(Math.max(1, Math.floor(connections / 2)))
  }

  /** Does the work of loading or deleting `count` numbers when its turn has come. */
  async run<Result> (count: number, waiting: Waiting, work: () => Promise<Result>): Promise<Result> {
    if (count <= MAX_SMALL_LOAD) return await this.#all.run(waiting, work)
    return await this.#large.run(waiting, () => this.#all.run(waiting, work))
  }

  /** Does the work of loading one number, which is over in a moment, and for which no connection is kept. */
  async runSingle<Result> (waiting: Waiting, work: () => Promise<Result>): Promise<Result> {
    return await this.#singles.run(waiting, work)
  }
}

/** The one admission of a pool, however many registrations share it. */
export function loadLimiterOf (pool: Pool): LoadLimiter {
  const known = ADMISSIONS.get(pool)
  if (known !== undefined) return known
  const admission = new LoadLimiter(sizeOf(pool))
  ADMISSIONS.set(pool, admission)
  return admission
}

function sizeOf (pool: { readonly options?: { readonly max?: unknown } }): number {
  const max = pool.options?.max
  return Number.isSafeInteger(max) && Number(max) > 0 ? Number(max) : DEFAULT_POOL_SIZE
}
