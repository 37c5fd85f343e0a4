/** Tells tasks that their caller has left. Creating an AbortSignal takes a twentieth of the time of a single call. */
export class Departure {
  readonly #listeners = new Set<(reason: Error) => void>()
  #reason: Error | undefined

  /** Reports that the caller has left. */
  report (reason: Error): void {
    this.#reason = reason
    for (const listener of this.#listeners) listener(reason)
  }

  /** @throws the reason, if the caller has left */
  throwIfReported (): void {
    if (this.#reason !== undefined) throw this.#reason
  }

  on (listener: (reason: Error) => void): void {
    this.#listeners.add(listener)
  }

  off (listener: (reason: Error) => void): void {
    this.#listeners.delete(listener)
  }
}
