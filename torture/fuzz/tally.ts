import type { Prediction } from './model/contract.js'
import type { Undone } from './model/undo.js'

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
    const { endpoint, code, entries } = prediction
    this.#count(code)
    this.#count(`${endpoint} ${code}`)
    if (code === '400') entries.forEach(({ key }) => { this.#count(`400 ${key === '' ? '(body)' : key}`) })
  }

  /** Counts a fault of the client: an incomplete request, or bytes that are not HTTP. */
  addFault (kind: string): void {
    this.requests++
    this.faults++
    this.#count(kind)
  }

  /** Counts an undo by its predicted outcome. */
  addUndo (undone: Undone): void {
    this.requests++
    this.#count('refusal' in undone ? `undo ${undone.refusal}` : 'undo')
  }

  count (outcome: string): number {
    return this.#outcomes.get(outcome) ?? 0
  }

  /** Returns one line per outcome, the codes first. */
  lines (): string[] {
    return [...this.#outcomes].sort(([one], [other]) => one < other ? -1 : 1)
      .map(([outcome, count]) => `${outcome.padEnd(40)}${String(count).padStart(8)}${(count / this.requests * 100).toFixed(1).padStart(7)} %`)
  }

  #count (outcome: string): void {
    this.#outcomes.set(outcome, this.count(outcome) + 1)
  }
}
