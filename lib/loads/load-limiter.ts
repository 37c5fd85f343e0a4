import type { Pool } from 'pg'
import { Limiter, type LimiterOptions } from '../concurrency/limiter.js'

/** A load of more numbers is large: it keeps its connection for longer than a moment. */
const MAX_SMALL_LOAD = 10_000

/** The maximum of loads of one number in flight; they queue for connections, or share them, without this limiter. */
const MAX_SINGLE_LOADS = 256

/** Connections of a pool whose size is unknown; the default of pg. */
const DEFAULT_POOL_SIZE = 10

const LIMITERS = new WeakMap<Pool, LoadLimiter>()

/**
 * Decides which loads may currently use the connections of a pool, so that each running load has one. Large loads use half of
 * them at most, so that small loads and logins always find one.
 */
export class LoadLimiter {
  readonly #singles = new Limiter(MAX_SINGLE_LOADS)
  readonly #all: Limiter
  readonly #large: Limiter
  readonly #streams: Limiter

  constructor (connections: number) {
    this.#all = new Limiter(connections)
    this.#large = new Limiter(Math.max(1, Math.floor(connections / 2)))
    this.#streams = new Limiter(Math.max(1, Math.floor(connections / 4)))
  }

  /** Runs a task that adds or deletes `count` numbers. */
  async run<Result> (count: number, options: LimiterOptions, task: () => Promise<Result>): Promise<Result> {
    if (count <= MAX_SMALL_LOAD) return await this.#all.run(options, task)
    return await this.#large.run(options, () => this.#all.run(options, task))
  }

  /**
   * Runs a task that keeps its connection until a reader has read its rows. Such tasks use a quarter of the connections at most,
   * so that slow readers never prevent a large load.
   */
  async runStream<Result> (options: LimiterOptions, task: () => Promise<Result>): Promise<Result> {
    return await this.#streams.run(options, () => this.#all.run(options, task))
  }

  /** Runs a task that adds or reads one number: it takes a moment, and no connection is reserved for it. */
  async runSingle<Result> (options: LimiterOptions, task: () => Promise<Result>): Promise<Result> {
    return await this.#singles.run(options, task)
  }
}

/** Returns the limiter of a pool, which all registrations on the pool share. */
export function loadLimiterOf (pool: Pool): LoadLimiter {
  const known = LIMITERS.get(pool)
  if (known !== undefined) return known
  const limiter = new LoadLimiter(sizeOf(pool))
  LIMITERS.set(pool, limiter)
  return limiter
}

function sizeOf (pool: { readonly options?: { readonly max?: unknown } }): number {
  const max = pool.options?.max
  return Number.isSafeInteger(max) && Number(max) > 0 ? Number(max) : DEFAULT_POOL_SIZE
}
