/** Bounds of a gathering. */
interface Bounds {
  /** Calls under way at the same time. */
  readonly calls: number
  /** Items of one call. */
  readonly items: number
}

/** Asks for several items at once, and resolves to the result of each. */
type Call<Item, Result> = (items: readonly Item[]) => Promise<(item: Item) => Result>

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Answers many callers with few calls: what is asked for in the same turn of the event loop, or while calls are under
 * way, goes into the next call together. A call never starts before all that it answers was asked for.
 */
export class Batcher<Item, Result> {
  readonly #call: Call<Item, Result>
  readonly #bounds: Bounds
  #waiting: Array<Waiting<Item, Result>> = []
  #underWay = 0
  #isScheduled = false

  constructor (call: Call<Item, Result>, bounds: Bounds) {
    this.#call = call
    this.#bounds = bounds
  }

  async ask (item: Item): Promise<Result> {
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#schedule()
    })
  }

  #schedule (): void {
    if (this.#isScheduled || this.#waiting.length === 0 || this.#underWay >= this.#bounds.calls) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const answered = this.#waiting.splice(0, this.#bounds.items)
      this.#underWay++
      void this.#answer(answered)
      this.#schedule()
    })
  }

  async #answer (answered: ReadonlyArray<Waiting<Item, Result>>): Promise<void> {
    const answers = await this.#answersTo(answered)
    this.#underWay--
    // The next call goes out first: the callers have work to do with their answers, and whom it asks would wait for that.
    this.#schedule()
    setImmediate(() => { for (const give of answers) give() })
  }

  async #answersTo (answered: ReadonlyArray<Waiting<Item, Result>>): Promise<Array<() => void>> {
    try {
      const resultOf = await this.#call(answered.map(({ item }) => item))
      return answered.map(({ item, resolve }) => {
        const result = resultOf(item)
        return () => { resolve(result) }
      })
    } catch (error) {
      return answered.map(({ reject }) => () => { reject(error) })
    }
  }
}
