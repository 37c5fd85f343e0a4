import { OverloadedError } from '../errors.js'

/** How long, and beside how many others, work may wait for its turn. */
export interface WaitingLimits {
  /** How many may wait; the next one is refused. */
  readonly maxWaiting: number
  /** Milliseconds. */
  readonly queueTimeout: number
}

export interface Waiting extends WaitingLimits {
  /** Gives up the place in the queue, with its reason; work that has begun goes on. */
  readonly signal?: AbortSignal | undefined
  /** Goes before all those who wait without it. */
  readonly hasPriority?: boolean
}

/** Lets a few do their work at a time; a bounded number of others wait for their turn. */
export class Limiter {
  readonly #urgent = new Set<() => void>()
  readonly #others = new Set<() => void>()
  #free: number

  constructor (places: number) {
    this.#free = places
  }

  /** @throws OverloadedError where too many wait already, or the turn does not come in time; the signal's reason */
  async run<Result> (waiting: Waiting, work: () => Promise<Result>): Promise<Result> {
    waiting.signal?.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#turn(waiting)
    try {
      return await work()
    } finally {
      this.#pass()
    }
  }

  async #turn ({ maxWaiting, queueTimeout, signal, hasPriority = false }: Waiting): Promise<void> {
    const queue = hasPriority ? this.#urgent : this.#others
    if (queue.size >= maxWaiting) throw new OverloadedError(`${maxWaiting} others are waiting already`)
    await new Promise<void>((resolve, reject) => {
      // Leaves the queue in the same breath, so that no place is given to somebody who has gone.
      const leave = (): void => {
        queue.delete(begin)
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
      }
      const begin = (): void => {
        leave()
        resolve()
      }
      const giveUp = (): void => {
        leave()
        reject(signal?.reason as Error)
      }
      const timer = setTimeout(() => {
        leave()
        reject(new OverloadedError(`the turn did not come within ${queueTimeout} ms`))
      }, queueTimeout)
      signal?.addEventListener('abort', giveUp)
      queue.add(begin)
    })
  }

  /** Gives the place to the next one who waits. */
  #pass (): void {
    for (const queue of [this.#urgent, this.#others]) {
      for (const begin of queue) {
        begin()
        return
      }
    }
    this.#free++
  }
}
