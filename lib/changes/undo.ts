import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import { rangeFrom } from '../numbers/number-range.js'
import { findDifferences, restoreDeleted, restoreUpdated } from '../repository/changed-runs.js'
import type { ChangeInput, ChangeRecord } from '../repository/changes.js'

/** Restores the numbers of a change to their former state, and returns how many of them were as the change left them. */
export async function restoreChanged (query: Query, change: ChangeRecord): Promise<number | null> {
  return change.kind === 'delete' ? await restoreDeleted(query, change.id) : await restoreUpdated(query, change.id, inputOf(change))
}

/** Returns the first hundred runs of numbers that are not as the change left them. */
export async function findChangesSince (query: Query, change: ChangeRecord): Promise<ChangedNumbers[]> {
  return await findDifferences(query, change.id, inputOf(change))
}

function inputOf ({ kind, start, end, count, newValues }: ChangeRecord): ChangeInput {
  return {
    kind,
    numbers: { first: start, last: end, count },
    aliases: newValues.alias == null ? undefined : rangeFrom(newValues.alias, count),
    newValues
  }
}
