import { LRUCache } from 'lru-cache'
import type { Database } from '../database/database.js'
import { deleteKnownSource, findKnownSource, storeKnownSource, type Login } from '../repository/known-sources.js'

/** How long a source is known after a right password. */
const KNOWN_SOURCE_TTL_MS = 86_400_000

/** The use of a known source is recorded at most this often. */
const CONFIRMATION_INTERVAL_MS = 3_600_000

/**
 * Each username has its own sources, so that a person cannot displace the sources of another one, however many addresses the
 * person logs in from. Only right passwords of this many people displace a username.
 */
const MAX_USERNAMES = 10_000
const MAX_SOURCES_PER_USERNAME = 100

/** A known source that sends so many passwords while it is blocked is no longer known. */
const MAX_GUESSES = 10_000

interface KnownSource {
  /** When a right password was last recorded. */
  seenAt: number
  /** How many attempts were blocked since then. */
  guesses: number
}

/**
 * The sources that recently sent a right password for a username. Each process remembers them; with a database, they are also
 * stored for all processes and after a restart.
 */
export class KnownSources {
  readonly #database: Database | undefined
  // Not "max", for which the library would allocate all memory in advance.
  readonly #byUsername = new LRUCache<string, Map<string, KnownSource>>({ maxSize: MAX_USERNAMES, sizeCalculation: () => 1 })

  constructor (database?: Database) {
    this.#database = database
  }

  /** Returns whether this process remembers the source, and need not record its use yet. */
  isConfirmed (login: Login): boolean {
    const known = this.#remembered(login)
    return known !== undefined && Date.now() - known.seenAt < CONFIRMATION_INTERVAL_MS
  }

  async has (login: Login): Promise<boolean> {
    if (this.#remembered(login) !== undefined) return true
    const age = this.#database && await findKnownSource(this.#database, login, KNOWN_SOURCE_TTL_MS)
    if (age === undefined) return false
    this.#remember(login, Date.now() - age)
    return true
  }

  /** Records a right password. */
  async add (login: Login): Promise<void> {
    await this.#database?.transaction(query => storeKnownSource(query, login, KNOWN_SOURCE_TTL_MS, MAX_SOURCES_PER_USERNAME))
    this.#remember(login, Date.now())
  }

  /** Records the use of a known source, if the interval has passed. */
  async confirm (login: Login): Promise<void> {
    const known = this.#remembered(login)
    if (known === undefined || this.isConfirmed(login)) return
    // Immediately, so that concurrent calls do not record it too.
    known.seenAt = Date.now()
    await this.add(login)
  }

  /**
   * Counts an attempt of a source that is blocked. If the source is known, its passwords are still compared with the
   * remembered one, so its guesses must be limited.
   */
  async countGuess (login: Login): Promise<void> {
    const known = this.#remembered(login)
    if (known === undefined || ++known.guesses < MAX_GUESSES) return
    this.#byUsername.get(login.username)?.delete(login.source)
    await this.#database?.transaction(query => deleteKnownSource(query, login))
  }

  #remembered ({ username, source }: Login): KnownSource | undefined {
    const known = this.#byUsername.get(username)?.get(source)
    return known !== undefined && Date.now() - known.seenAt < KNOWN_SOURCE_TTL_MS ? known : undefined
  }

  #remember ({ username, source }: Login, seenAt: number): void {
    const sources = this.#byUsername.get(username) ?? new Map<string, KnownSource>()
    // The source that was recorded last is the last one.
    sources.delete(source)
    sources.set(source, { seenAt, guesses: 0 })
    for (const oldest of sources.keys()) {
      if (sources.size <= MAX_SOURCES_PER_USERNAME) break
      sources.delete(oldest)
    }
    this.#byUsername.set(username, sources)
  }
}
