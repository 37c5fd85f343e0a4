import type { Environment } from './harness/environment.js'

/** The result of a scenario. */
export interface ScenarioResult {
  readonly rounds: number
  readonly faults: number
  readonly requests: number
  /** The invariants that did not hold, each with the round that reproduces it. */
  readonly violations: readonly string[]
}

/** What every scenario works with: PostgreSQL, servers, a history and a checker, and its limits. */
export interface Context extends Environment {
  /** The seed of all random values. */
  readonly seed: number
  /** The maximum of numbers in one load. */
  readonly maxCount: number
  /** Returns whether there is time for the round with this index. */
  hasTimeFor: (round: number) => boolean
  log: (line: string) => void
}

/** Runs rounds of one kind until the time is over, and checks the invariants after each round. */
export type Scenario = (context: Context) => Promise<ScenarioResult>
