import type { Verdict } from './model/contract.js'

/** What came of the requests, counted. */
export class Tally {
  requests = 0
  faults = 0
  readonly #outcomes = new Map<string, number>()

  /** A request that was sent, by what must come of it. */
  add (verdict: Verdict): void {
    this.requests++
    if (verdict.kind !== 'reply') {
      this.#count(verdict.kind)
      return
    }
    this.#count(verdict.code)
    if (verdict.code === '400') verdict.entries.forEach(({ key }) => { this.#count(`400 ${key === '' ? '(body)' : key}`) })
  }

  /** Something that was done to the server beside a request that it can answer. */
  addFault (kind: string): void {
    this.requests++
    this.faults++
    this.#count(kind)
  }

  count (outcome: string): number {
    return this.#outcomes.get(outcome) ?? 0
  }

  /** One line for each outcome, the codes first. */
  lines (): string[] {
    return [...this.#outcomes].sort(([one], [other]) => one < other ? -1 : 1)
      .map(([outcome, count]) => `${outcome.padEnd(24)}${String(count).padStart(8)}${(count / this.requests * 100).toFixed(1).padStart(7)} %`)
  }

  #count (outcome: string): void {
    this.#outcomes.set(outcome, this.count(outcome) + 1)
  }
}
