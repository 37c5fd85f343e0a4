import type { Query } from '../database/database.js'
import { rangeFrom } from '../numbers/number-range.js'
import type { ChangedNumbers } from '../errors.js'
import type { LoadRecord } from '../repository/loads.js'
import { deleteNumbers, findChanges, type LoadedRanges } from '../repository/undo.js'
import { deleteNumbersOfRanges, findChangesOfRanges } from '../repository/undo-ranges.js'

/** Deletes the numbers of a load in one statement, and returns how many of them were as the load added them. */
export async function deleteLoaded (query: Query, load: LoadRecord): Promise<number | null> {
  const ranges = rangesOf(load)
  return await (ranges === undefined ? deleteNumbersOfRanges(query, load.id) : deleteNumbers(query, load, ranges))
}

/** Returns the first hundred runs of numbers that are not as the load added them. */
export async function findChangesSince (query: Query, load: LoadRecord): Promise<ChangedNumbers[]> {
  const ranges = rangesOf(load)
  return await (ranges === undefined ? findChangesOfRanges(query, load.id) : findChanges(query, load, ranges))
}

/** Returns the range of a load, with its aliases; `undefined` if it has several, which are in a table. */
function rangesOf ({ start, end, count, rangeCount, alias }: LoadRecord): LoadedRanges | undefined {
  return rangeCount > 1 ? undefined : {
    numbers: { first: start, last: end, count },
    aliases: alias === null ? undefined : rangeFrom(alias, count)
  }
}
