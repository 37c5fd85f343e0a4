import type { Database } from '../database/database.js'
import { lowestStart } from '../numbers/number-range.js'
import { findEvents, type EventRow, type NumberState } from '../repository/number-events.js'
import { WALK_INDEXES } from '../repository/range-sql.js'

/** The effect of a load, a change or an undo on one number. */
export interface NumberEvent extends Omit<EventRow, 'before' | 'after'> {
  /** The number before the event; for an update, the values that differ. `null` if the number did not exist. */
  readonly before: Partial<NumberState> | null
  /** The number after the event, likewise. */
  readonly after: Partial<NumberState> | null
}

/** Returns the recorded events of a number, the oldest first. The number need not exist. */
export async function findHistory (database: Database, number: string): Promise<NumberEvent[]> {
  const events = await database.snapshot(query => findEvents(query, number, lowestStart(number)), WALK_INDEXES)
  return events.map(event => {
    const { before, after } = event
    return before === null || after === null
      ? event
      : { ...event, before: differing(before, after), after: differing(after, before) }
  })
}

function differing (state: NumberState, other: NumberState): Partial<NumberState> {
  const names = Object.keys(state) as Array<keyof NumberState>
  return Object.fromEntries(names.filter(name => state[name] !== other[name]).map(name => [name, state[name]]))
}
