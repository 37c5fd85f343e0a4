import { countOf, memberAt } from './number-range.js'
import type { Run } from './state.js'

/** A number as the endpoints return it. */
export interface Row {
  readonly number: string
  readonly alias: string
  readonly class: number
  readonly ingroup: number
  readonly customer: number
  readonly region: number
  readonly stype: string
  readonly load: string
}

/** Returns the numbers of a run as rows; `ids` are the identifiers of the records. */
export function rowsOf (
  { numbers, aliases, class: numberClass, ingroup, customer, region, stype, load }: Run, ids: readonly string[]
): Row[] {
  return Array.from({ length: countOf(numbers) }, (_, offset) => ({
    number: memberAt(numbers, offset),
    alias: aliases === null ? '' : memberAt(aliases, offset),
    class: numberClass,
    ingroup,
    customer: customer ?? 0,
    region: region ?? 0,
    stype,
    load: ids[load] ?? ''
  }))
}
