/** Returns how many items a list begins with that have a property which no item after them has, by binary search. */
export function countWhile<Item> (items: readonly Item[], hasProperty: (item: Item) => boolean): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && hasProperty(item)) low = middle + 1
    else high = middle
  }
  return low
}
