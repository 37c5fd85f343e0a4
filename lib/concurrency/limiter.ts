import { OverloadedError } from '../errors.js'
import type { Departure } from './departure.js'

export interface QueueLimits {
  /** How many tasks may wait; the next one is refused. */
  readonly maxWaiting: number
  /** Milliseconds that a task may wait. */
  readonly queueTimeout: number
}

export interface LimiterOptions extends QueueLimits {
  /** Removes the task from the queue, with its reason; a task that has started continues. */
  readonly departure?: Departure | undefined
  /** Puts the task before all tasks without priority. */
  readonly hasPriority?: boolean
}

/** Runs a limited number of tasks at a time; a bounded number of others wait in a queue. */
export class Limiter {
  readonly #priorityQueue = new Set<() => void>()
  readonly #queue = new Set<() => void>()
  #free: number

  constructor (concurrency: number) {
    this.#free = concurrency
  }

  /** @throws OverloadedError if too many tasks are already waiting, or this one waited too long; the reason of the departure */
  async run<Result> (options: LimiterOptions, task: () => Promise<Result>): Promise<Result> {
    options.departure?.throwIfReported()
    if (this.#free > 0) this.#free--
    else await this.#wait(options)
    try {
      return await task()
    } finally {
      this.#startNext()
    }
  }

  async #wait ({ maxWaiting, queueTimeout, departure, hasPriority = false }: LimiterOptions): Promise<void> {
    const queue = hasPriority ? this.#priorityQueue : this.#queue
    if (queue.size >= maxWaiting) throw new OverloadedError(`${maxWaiting} others are already waiting`)
    await new Promise<void>((resolve, reject) => {
      // Leaves the queue in the same tick, so that no task is started after its caller has disconnected.
      const leave = (): void => {
        queue.delete(start)
        clearTimeout(timer)
        departure?.off(depart)
      }
      const start = (): void => {
        leave()
        resolve()
      }
      const depart = (reason: Error): void => {
        leave()
        reject(reason)
      }
      const timer = setTimeout(() => {
        leave()
        reject(new OverloadedError(`waited for ${queueTimeout} ms`))
      }, queueTimeout)
      departure?.on(depart)
      queue.add(start)
    })
  }

  #startNext (): void {
    for (const queue of [this.#priorityQueue, this.#queue]) {
      for (const start of queue) {
        start()
        return
      }
    }
    this.#free++
  }
}
