import { CLASSES, CUSTOMERS, INGROUPS, REGIONS } from './demo-data.js'
import { overlapOf, type NumberRange } from './number-range.js'
import type { Parameters } from './parameters.js'

/** The references of a call: `undefined` for one with an issue, `null` for one that was not sent. */
export type References = Record<'class' | 'ingroup' | 'customer' | 'region', number | null | undefined>

/** Conflicts above this count are not counted. */
const MAX_COUNTED = 100_000n

/** Adds an issue for each reference that does not exist, and for a class that is reserved for another customer. */
export function addReferenceIssues (parameters: Parameters, { class: numberClass, ingroup, customer, region }: References): void {
  if (numberClass != null && !CLASSES.has(numberClass)) parameters.addIssue('class', [String(numberClass)])
  else if (isReserved(numberClass, customer)) parameters.addIssue('class')
  if (ingroup != null && !INGROUPS.has(ingroup)) parameters.addIssue('ingroup', [String(ingroup)])
  if (customer != null && customer !== 0 && !CUSTOMERS.has(customer)) parameters.addIssue('customer', [String(customer)])
  if (region != null && region !== 0 && !REGIONS.has(region)) parameters.addIssue('region', [String(region)])
}

/** Returns whether a class is reserved for another customer. */
export function isReserved (numberClass: number | null | undefined, customer: number | null | undefined): boolean {
  if (numberClass == null || customer == null || customer === 0) return false
  const reservedFor = CLASSES.get(numberClass) ?? null
  return reservedFor !== null && reservedFor !== customer
}

/** Adds an issue if some members of a range are taken. */
export function addConflict (
  parameters: Parameters, key: 'start' | 'alias', range: NumberRange, taken: ReadonlyArray<NumberRange | null>
): void {
  const overlap = overlapOf(range, taken)
  if (overlap === undefined) return
  const count = overlap.count > MAX_COUNTED ? MAX_COUNTED : overlap.count
  parameters.addIssue(key, [String(count), overlap.first])
}
