import type { Random } from '../../harness/random.js'
import type { NumberBlock } from '../../harness/range.js'
import type { Server } from '../../harness/server.js'
import type { Context } from '../../scenario.js'

/** The count of clients that call at the same time. */
export const CLIENTS = 16

/** What a workload of races uses in one round. */
export interface Race {
  readonly context: Context
  readonly random: Random
  readonly block: NumberBlock
  /** Returns the server of a client: half of the clients call one server, half the other. */
  serverOf: (client: number) => Server
  /** Starts all actions within a few milliseconds, each at a random moment, and waits for all of them. */
  atOnce: (actions: ReadonlyArray<() => Promise<unknown>>) => Promise<void>
}

/**
 * Runs calls that conflict. The invariants check the result; a workload returns only the violations that they cannot see.
 */
export type Workload = (race: Race) => Promise<string[]>
