import { toCell } from '../import/csv-cell.js'
import { ATTRIBUTE_NAMES } from '../repository/columns.js'
import type { NumberRecord } from '../repository/list-numbers.js'

/** The columns of a number in CSV, in their order. */
export const CSV_COLUMNS = ['number', 'alias', ...ATTRIBUTE_NAMES, 'load'] as const

/** A number in one line. */
export function describeNumber (found: NumberRecord): string {
  return [
    found.number,
    ...found.alias === '' ? [] : [`alias ${found.alias}`],
    `class ${found.class}`,
    `ingroup ${found.ingroup}`,
    found.customer === 0 ? 'free' : `customer ${found.customer}`,
    ...found.region === 0 ? [] : [`region ${found.region}`],
    found.stype,
    `load ${found.load}`
  ].join(', ')
}

/** A number as a line of CSV. */
export function toCsv (found: NumberRecord): string {
  return CSV_COLUMNS.map(column => toCell(String(found[column]))).join()
}
