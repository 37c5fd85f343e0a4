import type { Environment } from './harness/environment.js'

/** What a scenario came to. */
export interface ScenarioResult {
  readonly rounds: number
  readonly faults: number
  readonly requests: number
  /** What did not hold, each with the round that shows it. */
  readonly violations: readonly string[]
}

/** What every scenario works with: PostgreSQL, servers, a history and a checker, and how much it may do. */
export interface Context extends Environment {
  /** Everything by chance follows from it. */
  readonly seed: number
  /** Most numbers of one load. */
  readonly largest: number
  /** Whether there is time for another round after so many. */
  hasTimeFor: (round: number) => boolean
  tell: (line: string) => void
}

/** Plays rounds of one kind until the time is over, and checks the invariants after each. */
export type Scenario = (context: Context) => Promise<ScenarioResult>
