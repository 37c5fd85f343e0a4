import type { Parameters, ExpectedIssue } from './parameters.js'
import type { ModelState } from './state.js'

/** The outcome that the contract demands for a call of a person with the privilege. */
export interface Outcome {
  readonly code: string
  /** The keys, and what their messages must mention. Missing: one entry with an empty key. */
  readonly entries?: readonly ExpectedIssue[]
  /** The `data` of the envelope. */
  readonly data?: unknown
  /** The state after a call that leaves a record. */
  readonly next?: ModelState
}

/** An endpoint as the contract describes it. */
export interface EndpointModel {
  /** The parameter table, without the credentials. */
  readonly names: readonly string[]
  predict: (parameters: Parameters, state: ModelState, person: string) => Outcome
}

/** Returns the refusal of a call, or `undefined` if it has no issue. */
export function refusalOf (parameters: Parameters): Outcome | undefined {
  const entries = parameters.issues()
  return entries.length > 0 ? { code: '400', entries } : undefined
}
