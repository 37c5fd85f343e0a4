import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import { ThrottledError } from '../errors.js'
import type { LoginLimits } from '../options.js'
import type { Database } from '../repository/database.js'
import { failuresInMemory, sharedFailures } from './login-failures.js'
import { networkOf } from './source.js'

/** Pairs of username and source that are known, for how many milliseconds. */
const MAX_KNOWN_SOURCES = 10_000
const KNOWN_SOURCE_TTL_MS = 86_400_000

/** A known source that guesses so many passwords while it is blocked is a stranger from then on. */
const MAX_GUESSES = 10_000

/** A count that this attempt falls under; it is blocked where the count has come to the limiter's points. */
interface Rule {
  readonly limiter: RateLimiterAbstract
  readonly key: string
}

/**
 * Blocks sources and usernames that too many wrong passwords came from or for, until their time has run out.
 *
 * A source from which the right password for a username has come lately is known for that username. It falls under a
 * count of its own only, so that nobody elsewhere can lock it out. Wrong passwords count alike for usernames that do
 * not exist.
 */
export class LoginThrottle {
  readonly #limiters: Record<'perLogin' | 'perSource' | 'perUsername', RateLimiterAbstract> | undefined
  // How many guesses were refused since the last password that was verified.
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

  /** An attempt to log in. */
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

/** One attempt to log in, and what it falls under. */
export class LoginAttempt {
  /** Stands for username and source. */
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
    if (milliseconds === 0) return
    this.#countGuess()
    throw new ThrottledError(Math.ceil(milliseconds / 1000))
  }

  async succeed (): Promise<void> {
    this.#known.set(this.pair, 0)
    const [own] = this.#rules
    await own?.limiter.delete(own.key)
  }

  async fail (): Promise<void> {
    for (const { limiter, key } of this.#rules) await limiter.penalty(key)
  }

  // What a known source sends is compared with the password that is remembered even while it is blocked.
  // So there must be an end to its guesses.
  #countGuess (): void {
    const guesses = this.#known.get(this.pair)
    if (guesses === undefined) return
    if (guesses + 1 < MAX_GUESSES) this.#known.set(this.pair, guesses + 1)
    else this.#known.delete(this.pair)
  }
}

/** Neither memory nor the database learns what people type for a username. */
function digestOf (...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
