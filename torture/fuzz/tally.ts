import type { Prediction } from './model/contract.js'

/** Counts the requests by their outcome. */
export class Tally {
  requests = 0
  faults = 0
  readonly #outcomes = new Map<string, number>()

  /** Counts a request by its predicted outcome. */
  add (prediction: Prediction): void {
    this.requests++
    if (prediction.kind !== 'reply') {
      this.#count(prediction.kind)
      return
    }
    this.#count(prediction.code)
    if (prediction.code === '400') prediction.entries.forEach(({ key }) => { this.#count(`400 ${key === '' ? '(body)' : key}`) })
  }

  /** Counts a fault of the client: an incomplete request, or bytes that are not HTTP. */
  addFault (kind: string): void {
    this.requests++
    this.faults++
    this.#count(kind)
  }

  count (outcome: string): number {
    return this.#outcomes.get(outcome) ?? 0
  }

  /** Returns one line per outcome, the codes first. */
  lines (): string[] {
    return [...this.#outcomes].sort(([one], [other]) => one < other ? -1 : 1)
      .map(([outcome, count]) => `${outcome.padEnd(24)}${String(count).padStart(8)}${(count / this.requests * 100).toFixed(1).padStart(7)} %`)
  }

  #count (outcome: string): void {
    this.#outcomes.set(outcome, this.count(outcome) + 1)
  }
}
