import { DatabaseBusyError, DatabaseUnavailableError } from '../errors.js'

interface BatcherOptions {
  /** How many items a batch may have. */
  readonly maxItems: number
  /** Milliseconds that items wait for others at most while no batch is in flight. */
  readonly maxDelay: number
}

const DEFAULTS: BatcherOptions = { maxItems: 100, maxDelay: 2 }

/** Handles several items together, and resolves to a function that returns the result of each. */
type HandleBatch<Item, Result> = (items: readonly Item[]) => Promise<(item: Item) => Result>

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Handles many items in few batches, one after the other. Items that are submitted in the same turn of the event loop, or while a
 * batch is in flight, go into the next batch together. That one also waits for as many items as the last one had, because most of
 * the cost of a batch does not depend on its items, and callers that have just got a result often submit again. A caller that is
 * alone does not wait. A batch never starts before all of its items were submitted. A batch that fails is handled again item by
 * item, so that no item fails another; the failure must have had no effects.
 */
export class Batcher<Item, Result> {
  readonly #handle: HandleBatch<Item, Result>
  readonly #options: BatcherOptions
  #waiting: Array<Waiting<Item, Result>> = []
  #expected = 1
  #deadline: NodeJS.Timeout | undefined
  #isBusy = false

  constructor (handle: HandleBatch<Item, Result>, options = DEFAULTS) {
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
    if (this.#isBusy || this.#waiting.length === 0) return
    const { maxItems, maxDelay } = this.#options
    if (this.#waiting.length >= Math.min(this.#expected, maxItems)) this.#start()
    else this.#deadline ??= setTimeout(() => { this.#start() }, maxDelay)
  }

  #start (): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    this.#isBusy = true
    setImmediate(() => { void this.#run(this.#waiting.splice(0, this.#options.maxItems)) })
  }

  async #run (batch: ReadonlyArray<Waiting<Item, Result>>): Promise<void> {
    const settlers = await this.#settlersOf(batch)
    this.#isBusy = false
    this.#expected = batch.length + this.#waiting.length
    // A full batch starts first: the database would otherwise be idle while the callers process these results.
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
