import type { ImportRequest } from '../parameters/import.js'
import type { RangesInOrder } from '../repository/insert-ranges.js'
import { findMissingAttributes } from './attributes.js'
import { layoutOf, nameOf, type Layout } from './columns.js'
import { decode, EncodingError, type FileSource } from './decode.js'
import { delimitedText } from './delimiter.js'
import { describeLines, FileIssues } from './file-issues.js'
import { describePrefix, findOverlaps, findPrefixes, inOrder, type Prefix } from './overlaps.js'
import { RangeBuilder, type FileRange } from './ranges.js'
import { readCsvRows, type CsvRow } from './csv-rows.js'
import { rowsOf, type ImportRow } from './row-objects.js'
import { RowReader } from './rows.js'

/** The input of `import`: the bytes or the text of a file, whole or in pieces, or rows. */
export type ImportSource = FileSource | readonly ImportRow[]

/** A file, read as far as possible without the database. */
export interface ImportFile {
  /** The valid rows, as ranges. */
  readonly ranges: readonly FileRange[]
  /** The ranges, sorted by their numbers and by their aliases. */
  readonly inOrder: RangesInOrder
  readonly count: number
  /** The columns that were read. */
  readonly columns: Layout['columns']
  /** Numbers that are prefixes of longer ones of the file. */
  readonly prefixes: readonly Prefix[]
  readonly issues: FileIssues
}

export interface ReadLimits {
  /** Maximum count of numbers of a file. */
  readonly maxRange: number
  /** Maximum count of issues that are listed. */
  readonly maxIssues: number
}

/**
 * Reads a file, and collects all of its issues.
 * @throws FileTooLargeError
 */
export async function readFile (
  source: ImportSource, parameters: ImportRequest, { maxRange, maxIssues }: ReadLimits
): Promise<ImportFile> {
  const issues = new FileIssues(maxIssues)
  const builder = new RangeBuilder()
  let columns: Layout['columns'] = new Map()
  let reader: RowReader | undefined
  let count = 0

  const onRow = (csvRow: CsvRow): boolean => {
    if (reader === undefined) {
      if (csvRow.cells.every(cell => cell.trim() === '')) return true
      const layout = layoutOf(csvRow.cells, parameters)
      if ('issue' in layout) {
        issues.addIssue({ key: layout.key, message: layout.issue })
        return false
      }
      const missing = findMissingAttributes(layout, parameters)
      for (const issue of missing) issues.addIssue(issue)
      if (missing.length > 0) return false
      columns = layout.columns
      reader = new RowReader(layout, parameters, maxRange)
      if (layout.hasHeader) return true
    }
    const row = reader.read(csvRow)
    if (!('numbers' in row)) {
      for (const { column, issue } of row) issues.add(csvRow.line, column, issue)
      return true
    }
    count += row.numbers.count
    if (count > maxRange) issues.add(csvRow.line, undefined, `the file has more than ${maxRange} numbers: divide it`)
    else builder.add(row)
    return count <= maxRange
  }
  await readRows(source, parameters, issues, onRow)
  const ranges = builder.finish()

  const numbers = await inOrder(ranges, 'numbers')
  const aliases = await inOrder(ranges, 'aliases')
  for (const [overlaps, role] of [[await findOverlaps(numbers, 'numbers'), 'number'], [await findOverlaps(aliases, 'aliases'), 'alias']] as const) {
    for (const { first, last, earlier, later } of overlaps) {
      const repeated = first === last ? `${role} ${first} is` : `${first} to ${last} are`
      issues.add(later.first, nameOf(columns, role), `${repeated} on ${describeLines(earlier.first, earlier.last)} already`, later.last)
    }
  }
  if (count === 0 && issues.isEmpty) issues.addIssue({ key: 'csv', message: 'the file has no numbers' })
  const prefixes = await findPrefixes(numbers)
  if (parameters.mixed_lengths === 'refuse') {
    for (const prefix of prefixes) issues.addIssue({ key: 'csv', message: describePrefix(prefix), line: prefix.longerLine })
  }
  return { ranges, inOrder: { numbers, aliases }, count, columns, prefixes, issues }
}

async function readRows (
  source: ImportSource, { delimiter, encoding }: ImportRequest, issues: FileIssues, onRow: (csvRow: CsvRow) => boolean
): Promise<void> {
  if (isRows(source)) {
    for (const csvRow of rowsOf(source)) if (!onRow(csvRow)) return
    return
  }
  try {
    const delimited = await delimitedText(decode(source, encoding), delimiter)
    const fault = await readCsvRows(delimited.texts, delimited.delimiter, onRow)
    if (fault !== undefined) issues.add(fault.line, undefined, `${fault.issue}; the rest of the file was not read`)
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error
    issues.add(error.line, undefined, 'the file must be UTF-8: save it as UTF-8, or give encoding=latin1 for ISO-8859-1 and Windows-1252')
  }
}

function isRows (source: ImportSource): source is readonly ImportRow[] {
  return Array.isArray(source)
}
