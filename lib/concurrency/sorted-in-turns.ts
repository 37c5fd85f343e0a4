import { setImmediate as nextTurn } from 'node:timers/promises'

/** Count of items that are processed between two turns of other calls: a few milliseconds of work. */
export const ITEMS_IN_TURN = 16_384

type Compare<Item> = (left: Item, right: Item) => number

/**
 * Returns the items in order, as `toSorted` does. Other calls get their turns in between, because a million items take a second
 * or more.
 */
export async function sortedInTurns<Item> (items: readonly Item[], compare: Compare<Item>): Promise<readonly Item[]> {
  if (await areInOrder(items, compare)) return items
  let runs: Item[][] = []
  for (let start = 0; start < items.length; start += ITEMS_IN_TURN) {
    runs.push(items.slice(start, start + ITEMS_IN_TURN).sort(compare))
    await nextTurn()
  }
  while (runs.length > 1) {
    const merged: Item[][] = []
    for (let index = 0; index < runs.length; index += 2) {
      const [left = [], right = []] = runs.slice(index, index + 2)
      merged.push(await merge(left, right, compare))
    }
    runs = merged
  }
  return runs.flat()
}

async function areInOrder<Item> (items: readonly Item[], compare: Compare<Item>): Promise<boolean> {
  let previous: Item | undefined
  for (const [index, item] of items.entries()) {
    if (previous !== undefined && compare(previous, item) > 0) return false
    previous = item
    if (index % ITEMS_IN_TURN === 0) await nextTurn()
  }
  return true
}

async function merge<Item> (left: Item[], right: Item[], compare: Compare<Item>): Promise<Item[]> {
  const [lastLeft, firstRight] = [left.at(-1), right[0]]
  if (lastLeft === undefined || firstRight === undefined || compare(lastLeft, firstRight) <= 0) return left.concat(right)
  const merged: Item[] = []
  let next = 0
  for (const item of left) {
    for (let other = right[next]; other !== undefined && compare(other, item) < 0; other = right[next]) {
      merged.push(other)
      next++
    }
    merged.push(item)
    if (merged.length % ITEMS_IN_TURN === 0) await nextTurn()
  }
  return merged.concat(right.slice(next))
}
