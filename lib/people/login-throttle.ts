import { hash } from 'node:crypto'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Database } from '../database/database.js'
import type { LoginLimits } from '../options.js'
import type { Login } from '../repository/known-sources.js'
import { KnownSources } from './known-sources.js'
import { failuresInMemory, sharedFailures } from './login-failures.js'
import { networkOf } from './source.js'
import { ThrottledError } from './throttled-error.js'

/** A count that applies to an attempt, and blocks it if it has reached the limiter's points. */
interface Rule {
  readonly limiter: RateLimiterAbstract
  readonly key: string
}

/**
 * Blocks sources that sent too many wrong passwords, and usernames with too many of them, until the window ends.
 *
 * A source that recently sent the right password for a username is known for that username. Only its own count applies to it, so
 * no other source can lock it out. Wrong passwords for unknown usernames count the same.
 */
export class LoginThrottle {
  readonly #limiters: Record<'perLogin' | 'perSource' | 'perUsername', RateLimiterAbstract> | undefined
  readonly #known: KnownSources

  constructor (limits: LoginLimits | false, database: Database) {
    this.#known = new KnownSources(limits !== false && limits.shared ? database : undefined)
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
  async attempt (username: string, source: string | null): Promise<LoginAttempt> {
    const network = networkOf(source)
    const login = loginOf(username, network)
    const isKnown = await this.#known.has(login)
    return new LoginAttempt(login, isKnown, this.#rulesFor(login, isKnown, network), this.#known)
  }

  #rulesFor (login: Login, isKnown: boolean, network: string): Rule[] {
    if (this.#limiters === undefined) return []
    const { perLogin, perSource, perUsername } = this.#limiters
    const own = { limiter: perLogin, key: login.source }
    if (isKnown) return [own]
    return [own, { limiter: perSource, key: digestOf(network) }, { limiter: perUsername, key: login.username }]
  }
}

/** One attempt to log in, and the counts that apply to it. */
export class LoginAttempt {
  readonly isKnown: boolean
  readonly #login: Login
  readonly #rules: readonly Rule[]
  readonly #known: KnownSources

  constructor (login: Login, isKnown: boolean, rules: readonly Rule[], known: KnownSources) {
    this.#login = login
    this.isKnown = isKnown
    this.#rules = rules
    this.#known = known
  }

  /** Whether this process currently remembers that the source is known for the username. */
  get isConfirmed (): boolean {
    return this.#known.isConfirmed(this.#login)
  }

  /** Represents username and source. */
  get pair (): string {
    return this.#login.source
  }

  /** @throws ThrottledError */
  async throwIfBlocked (): Promise<void> {
    let milliseconds = 0
    for (const { limiter, key } of this.#rules) {
      const failures = await limiter.get(key)
      if (failures === null || failures.consumedPoints < limiter.points) continue
      milliseconds = Math.max(milliseconds, failures.msBeforeNext)
    }
    await this.#throwFor(milliseconds)
  }

  /**
   * Counts the attempt as a wrong password until it succeeds. So attempts that are being verified cannot exceed a limit, and a
   * password is verified only if its failure could be counted.
   * @throws ThrottledError
   */
  async begin (): Promise<void> {
    let milliseconds = 0
    for (const { limiter, key } of this.#rules) {
      const failures = await limiter.penalty(key)
      if (failures.consumedPoints > limiter.points) milliseconds = Math.max(milliseconds, failures.msBeforeNext)
    }
    if (milliseconds > 0) await this.#takeBack(this.#rules)
    await this.#throwFor(milliseconds)
  }

  async succeed (): Promise<void> {
    await this.#known.add(this.#login)
    const [own, ...others] = this.#rules
    await own?.limiter.delete(own.key)
    await this.#takeBack(others)
  }

  /** Records that a known source sent the right password, which was remembered and not verified. */
  async confirm (): Promise<void> {
    await this.#known.confirm(this.#login)
  }

  async #takeBack (rules: readonly Rule[]): Promise<void> {
    for (const { limiter, key } of rules) await limiter.reward(key)
  }

  async #throwFor (milliseconds: number): Promise<void> {
    if (milliseconds === 0) return
    await this.#known.countGuess(this.#login)
    throw new ThrottledError(Math.ceil(milliseconds / 1000))
  }
}

function loginOf (username: string, network: string): Login {
  return { username: digestOf(username), source: digestOf(network, username) }
}

/** A digest, so that neither memory nor the database stores the text that was sent as a username. */
function digestOf (...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url')
}
