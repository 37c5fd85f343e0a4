import type { NumberRecord } from '../repository/list-numbers.js'

/** The columns of a number in CSV, in their order. */
export const CSV_COLUMNS = ['number', 'alias', 'class', 'ingroup', 'customer', 'region', 'stype', 'load'] as const

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
  return CSV_COLUMNS.map(column => csvCell(String(found[column]))).join()
}

// Spreadsheets execute a cell that begins like this as a formula. An alias may begin with a plus sign, which no formula of
// digits makes harmful, and must stay as it is for an import.
function csvCell (text: string): string {
  const guarded = /^(?:[=@\t\r-]|\+(?![0-9]+$))/.test(text) ? `'${text}` : text
  return /[",;\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
