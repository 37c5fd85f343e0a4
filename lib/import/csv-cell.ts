// Spreadsheets evaluate a cell that begins like this. A plus sign with digits, as in an alias, is not changed.
const FORMULA = /^(?:'*[=@\t\r-]|\+(?![0-9]+$)|'+\+)/

const GUARDED = /^'(?='*[=@\t\r+-])/

/** Returns a text as a cell of CSV that no spreadsheet evaluates: a text that begins like a formula gets an apostrophe. */
export function toCell (text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text
  return /[",;|\t\r\n]|^ | $/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

/** Returns the text of a cell that {@link toCell} has written. */
export function fromCell (cell: string): string {
  return cell.startsWith('\'') ? cell.replace(GUARDED, '') : cell
}
