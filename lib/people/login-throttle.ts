import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Database } from '../database/database.js'
import type { LoginLimits } from '../options.js'
import { failuresInMemory, sharedFailures } from './login-failures.js'
import { networkOf } from './source.js'
import { ThrottledError } from './throttled-error.js'

/** How many pairs of username and source are known, and for how long. */
const MAX_KNOWN_SOURCES = 10_000
const KNOWN_SOURCE_TTL_MS = 86_400_000

/** A known source that sends so many wrong passwords while it is blocked is no longer known. */
const MAX_GUESSES = 10_000

/** A count that applies to an attempt, and blocks it if it has reached the limiter's points. */
interface Rule {
  readonly limiter: RateLimiterAbstract
  readonly key: string
}

/**
 * Blocks sources that sent too many wrong passwords, and usernames that too many were sent for, until their time is up.
 *
 * A source that lately sent the right password for a username is known for that username. Only a count of its own applies
 * to it, so no other source can lock it out. Wrong passwords for unknown usernames count the same.
 */
export class LoginThrottle {
  readonly #limiters: Record<'perLogin' | 'perSource' | 'perUsername', RateLimiterAbstract> | undefined
  // How many attempts were blocked since the last password that was verified.
  readonly #known = new LRUCache<string, number>({ max: MAX_KNOWN_SOURCES, ttl: KNOWN_SOURCE_TTL_MS, updateAgeOnGet: true })

  constructor (limits: LoginLimits | false, database: Database) {
    if (limits === false) return
    const limiter = limits.shared ? sharedFailures(database) : failuresInMemory
    const { window } = limits
    this.#limiters = {
      perLogin: limiter({ name: 'login', points: limits.perLogin, window }),
      perSource: limiter({ name: 'source', points: limits.perSource, window }),
      perUsername: limiter({ name: 'username', points: limits.perUsername, window })
    }
  }

  /** Returns an attempt to log in. */
  attempt (username: string, source: string | null): LoginAttempt {
    const network = networkOf(source)
    const pair = digestOf(network, username)
    const isKnown = this.#known.get(pair) !== undefined
    return new LoginAttempt(pair, isKnown, this.#rulesFor(pair, isKnown, network, username), this.#known)
  }

  #rulesFor (pair: string, isKnown: boolean, network: string, username: string): Rule[] {
    if (this.#limiters === undefined) return []
    const { perLogin, perSource, perUsername } = this.#limiters
    const own = { limiter: perLogin, key: pair }
    if (isKnown) return [own]
    return [own, { limiter: perSource, key: digestOf(network) }, { limiter: perUsername, key: digestOf(username) }]
  }
}

/** One attempt to log in, and the counts that apply to it. */
export class LoginAttempt {
  /** Represents username and source. */
  readonly pair: string
  readonly isKnown: boolean
  readonly #rules: readonly Rule[]
  readonly #known: LRUCache<string, number>

  constructor (pair: string, isKnown: boolean, rules: readonly Rule[], known: LRUCache<string, number>) {
    this.pair = pair
    this.isKnown = isKnown
    this.#rules = rules
    this.#known = known
  }

  /** @throws ThrottledError */
  async throwIfBlocked (): Promise<void> {
    let milliseconds = 0
    for (const { limiter, key } of this.#rules) {
      const failures = await limiter.get(key)
      if (failures === null || failures.consumedPoints < limiter.points) continue
      milliseconds = Math.max(milliseconds, failures.msBeforeNext)
    }
    this.#throwFor(milliseconds)
  }

  /**
   * Counts the attempt as a wrong password until it succeeds, so that attempts that are being verified cannot exceed a limit,
   * and no password is verified whose failure could not be counted.
   * @throws ThrottledError
   */
  async begin (): Promise<void> {
    let milliseconds = 0
    for (const { limiter, key } of this.#rules) {
      const failures = await limiter.penalty(key)
      if (failures.consumedPoints > limiter.points) milliseconds = Math.max(milliseconds, failures.msBeforeNext)
    }
    if (milliseconds > 0) await this.#takeBack(this.#rules)
    this.#throwFor(milliseconds)
  }

  async succeed (): Promise<void> {
    this.#known.set(this.pair, 0)
    const [own, ...others] = this.#rules
    await own?.limiter.delete(own.key)
    await this.#takeBack(others)
  }

  async #takeBack (rules: readonly Rule[]): Promise<void> {
    for (const { limiter, key } of rules) await limiter.reward(key)
  }

  #throwFor (milliseconds: number): void {
    if (milliseconds === 0) return
    this.#countGuess()
    throw new ThrottledError(Math.ceil(milliseconds / 1000))
  }

  // While a known source is blocked, its passwords are still compared with the remembered one. So its guesses must be
  // limited.
  #countGuess (): void {
    const guesses = this.#known.get(this.pair)
    if (guesses === undefined) return
    if (guesses + 1 < MAX_GUESSES) this.#known.set(this.pair, guesses + 1)
    else this.#known.delete(this.pair)
  }
}

/** Neither memory nor the database stores what was sent as a username. */
function digestOf (...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
