import { DatabaseBusyError } from '../errors.js'

/** Passes on one value; the promise is fulfilled when the reader requests the next one. */
export type Emit<Value> = (value: Value) => Promise<void>

/** Ends the producer, because the reader needs no more values. */
class StoppedError extends Error {}

interface Waiting<Value> {
  readonly resolve: (result: IteratorResult<Value, undefined>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Iterates over the values of a producer, which starts with the first `next` and waits after each value until its reader requests
 * another one. So a producer can hold a connection for as long as it runs. A reader that takes longer than `timeout` milliseconds
 * for a value ends the producer, and so does `return`.
 */
export class Pulled<Value> implements AsyncIterableIterator<Value> {
  readonly #produce: (emit: Emit<Value>) => Promise<void>
  readonly #timeout: number
  #running: Promise<void> | undefined
  #reader: Waiting<Value> | undefined
  #resume: ((error?: Error) => void) | undefined
  /** Set when the producer has ended; `next` then throws its error, or returns that it is done. */
  #end: { readonly error?: unknown } | undefined
  #isStopped = false

  constructor (produce: (emit: Emit<Value>) => Promise<void>, timeout: number) {
    this.#produce = produce
    this.#timeout = timeout
  }

  [Symbol.asyncIterator] (): this {
    return this
  }

  /** Must not be called again before its result is settled. */
  async next (): Promise<IteratorResult<Value, undefined>> {
    if (this.#end !== undefined) return this.#finish(this.#end)
    return await new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
      if (this.#running === undefined) this.#start()
      else this.#resume?.()
    })
  }

  /** Ends the producer, and waits until it has ended. */
  async return (): Promise<IteratorResult<Value, undefined>> {
    this.#isStopped = true
    if (this.#running === undefined) this.#end ??= {}
    this.#resume?.(new StoppedError())
    await this.#running
    this.#end = {}
    return { done: true, value: undefined }
  }

  #start (): void {
    this.#running = this.#produce(value => this.#emit(value)).then(() => undefined, (error: unknown) => (
      error instanceof StoppedError ? undefined : error
    )).then(error => {
      this.#end = { error }
      if (error === undefined) this.#reader?.resolve({ done: true, value: undefined })
      else if (this.#reader !== undefined) {
        this.#reader.reject(error)
        this.#end = {}
      }
      this.#reader = undefined
    })
  }

  async #emit (value: Value): Promise<void> {
    if (this.#isStopped) throw new StoppedError()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#resume?.(new DatabaseBusyError(`the reader of a list took longer than ${this.#timeout} ms for its next rows`))
      }, this.#timeout)
      this.#resume = error => {
        clearTimeout(timer)
        this.#resume = undefined
        if (error === undefined) resolve()
        else reject(error)
      }
      this.#reader?.resolve({ done: false, value })
      this.#reader = undefined
    })
  }

  #finish (end: { readonly error?: unknown }): IteratorResult<Value, undefined> {
    this.#end = {}
    // oxlint-disable-next-line typescript/only-throw-error -- the producer may throw anything
    if (end.error !== undefined) throw end.error
    return { done: true, value: undefined }
  }
}
