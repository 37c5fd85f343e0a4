import createError from '@fastify/error'

const Throttled = createError<[number]>('TELCO_NUMBERS_THROTTLED', 'too many wrong passwords: try again in %s seconds', 429)

/** Too many wrong passwords came from this source, or for this username. */
export class ThrottledError extends Throttled {
  /** Seconds until the next attempt can succeed. */
  readonly retryAfter: number

  constructor (retryAfter: number) {
    super(retryAfter)
    this.retryAfter = retryAfter
  }
}
