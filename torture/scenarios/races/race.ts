import type { Random } from '../../harness/random.js'
import type { Area } from '../../harness/range.js'
import type { Server } from '../../harness/server.js'
import type { Context } from '../../scenario.js'

/** How many clients call at once. */
export const CLIENTS = 16

/** What a shape of race works with in one round. */
export interface Race {
  readonly context: Context
  readonly random: Random
  readonly area: Area
  /** The server of a client: half of them call one, half the other. */
  serverOf: (client: number) => Server
  /** Has the clients start within a few milliseconds of each other, each at a moment by chance, and waits for all. */
  atOnce: (actions: ReadonlyArray<() => Promise<unknown>>) => Promise<void>
}

/**
 * Calls that meet. What must come of them is said by the invariants; what these cannot see, the shape returns as violations.
 */
export type Shape = (race: Race) => Promise<string[]>
