import { DatabaseBusyError, DatabaseUnavailableError } from '../errors.js'

interface BatcherOptions {
  /** How many batches may be in flight. */
  readonly concurrency: number
  /** How many items must wait for a batch to start while another one is in flight. */
  readonly minItems: number
  /** How many items a batch may have. */
  readonly maxItems: number
}

/** Handles several items together, and resolves to a function that returns the result of each. */
type HandleBatch<Item, Result> = (items: readonly Item[]) => Promise<(item: Item) => Result>

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Handles many items in few batches: items that are submitted in the same turn of the event loop, or while batches are
 * in flight, go into the next batch together. A batch never starts before all of its items were submitted. A batch that
 * fails is handled again item by item, so that no item fails another; the failure must have had no effects.
 */
export class Batcher<Item, Result> {
  readonly #handle: HandleBatch<Item, Result>
  readonly #options: BatcherOptions
  #waiting: Array<Waiting<Item, Result>> = []
  #inFlight = 0
  #isScheduled = false

  constructor (handle: HandleBatch<Item, Result>, options: BatcherOptions) {
    this.#handle = handle
    this.#options = options
  }

  async submit (item: Item): Promise<Result> {
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#schedule()
    })
  }

  #schedule (): void {
    const { concurrency, minItems } = this.#options
    const necessary = this.#inFlight === 0 ? 1 : minItems
    if (this.#isScheduled || this.#waiting.length < necessary || this.#inFlight >= concurrency) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const batch = this.#waiting.splice(0, this.#options.maxItems)
      this.#inFlight++
      void this.#run(batch)
      this.#schedule()
    })
  }

  async #run (batch: ReadonlyArray<Waiting<Item, Result>>): Promise<void> {
    const settlers = await this.#settlersOf(batch)
    this.#inFlight--
    // The next batch starts first: the database would otherwise be idle while the callers process these results.
    this.#schedule()
    setImmediate(() => { for (const settle of settlers) settle() })
  }

  async #settlersOf (batch: ReadonlyArray<Waiting<Item, Result>>): Promise<Array<() => void>> {
    try {
      const resultOf = await this.#handle(batch.map(({ item }) => item))
      return batch.map(({ item, resolve }) => {
        const result = resultOf(item)
        return () => { resolve(result) }
      })
    } catch (error) {
      const concernsAll = error instanceof DatabaseUnavailableError || error instanceof DatabaseBusyError
      if (batch.length > 1 && !concernsAll) {
        const settlers = []
        for (const waiting of batch) settlers.push(...await this.#settlersOf([waiting]))
        return settlers
      }
      return batch.map(({ reject }) => () => { reject(error) })
    }
  }
}
