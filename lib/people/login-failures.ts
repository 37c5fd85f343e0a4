import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, RateLimiterPostgres, type RateLimiterAbstract, type RateLimiterRes } from 'rate-limiter-flexible'
import type { Database } from '../database/database.js'
import { deleteExpiredFailures, queryFailures } from '../repository/login-failures.js'

/** Maximum of the counts of one kind that a process keeps; the oldest ones are dropped. */
const MAX_COUNTS = 20_000

interface Counting {
  readonly name: string
  /** Count of failures from which a key is blocked. */
  readonly points: number
  /** Milliseconds that a count lasts after its first failure. */
  readonly window: number
}

/** The library counts whole seconds, because the database takes no fractions of milliseconds. */
const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000)

class BoundedLimiter extends RateLimiterMemory {
  readonly #keys = new LRUCache<string | number, true>({
    // Not "max", for which the library would allocate all memory in advance.
    maxSize: MAX_COUNTS,
    sizeCalculation: () => 1,
    dispose: (_value, key) => { void this.delete(key) }
  })

  override async penalty (key: string | number): Promise<RateLimiterRes> {
    this.#keys.set(key, true)
    return await super.penalty(key)
  }
}

/** Counts wrong passwords in the memory of this process. */
export function failuresInMemory ({ name, points, window }: Counting): RateLimiterAbstract {
  return new BoundedLimiter({ keyPrefix: name, points, duration: seconds(window) })
}

class SharedLimiter extends RateLimiterPostgres {
  readonly #database: Database
  #swept = 0

  constructor (database: Database, options: Pick<Counting, 'name' | 'points'> & { duration: number }) {
    super({
      keyPrefix: options.name,
      points: options.points,
      duration: options.duration,
      tableName: 'login_failures',
      // The library puts it between quotes.
      schemaName: database.schema.replaceAll('"', '""'),
      // A migration creates it, because the role of the server may not create tables.
      tableCreated: true,
      clearExpiredByTimeout: false,
      storeType: 'client',
      // Not the pool itself: the library would send named statements, which a pooler may not know.
      storeClient: {
        query: ({ text, values }: { text: string, values: unknown[] }) => queryFailures(database, text, values)
      }
    })
    this.#database = database
  }

  override async penalty (key: string | number): Promise<RateLimiterRes> {
    if (Date.now() > this.#swept + this.msDuration) {
      this.#swept = Date.now()
      await deleteExpiredFailures(this.#database, this.#swept)
    }
    return await super.penalty(key)
  }
}

/** Counts wrong passwords in the database, for all processes that use it. */
export function sharedFailures (database: Database): (counting: Counting) => RateLimiterAbstract {
  return ({ name, points, window }) => new SharedLimiter(database, { name, points, duration: seconds(window) })
}
