import { Readable } from 'node:stream'
import Papa from 'papaparse'

/** The cells of a row, and the line of the file on which it begins. */
export interface CsvRow {
  readonly cells: readonly string[]
  readonly line: number
}

/** The reason why the rows from a line on cannot be separated. */
export interface CsvFault {
  readonly line: number
  readonly issue: string
}

/**
 * Maximum count of characters of a row: without a limit, a quote that is not closed would make one row of the rest of the file.
 */
const MAX_ROW_LENGTH = 65_536

const QUOTES_ISSUE = 'a quoted cell must end before a delimiter or the end of its line: close the quote, or double quotes inside the cell'
const LENGTH_ISSUE = `a row must have at most ${MAX_ROW_LENGTH} characters: check for a quote that is not closed`

/**
 * Passes the rows of CSV to `onRow`, which returns whether to continue. Returns the fault that ends the reading, if there is
 * one: the text after an invalid quote is ambiguous.
 */
export async function readCsvRows (
  texts: AsyncIterable<string>, delimiter: string, onRow: (row: CsvRow) => boolean
): Promise<CsvFault | undefined> {
  const input = Readable.from(texts)
  let length = 0
  let hasQuotes = false
  let line = 1

  // Added before the listener of the parser, so that a piece is counted before it is parsed.
  input.on('data', (text: string) => {
    length += text.length
    hasQuotes ||= text.includes('"')
  })

  const readBatch = ({ data, errors, meta }: Papa.ParseResult<string[]>): CsvFault | 'read on' | 'stop' => {
    const faulty = errors.find(({ row }) => row !== undefined && row < data.length)?.row
    for (const [index, cells] of data.entries()) {
      if (index === faulty) return { line, issue: QUOTES_ISSUE }
      if (!onRow({ cells, line })) return 'stop'
      line += 1 + (hasQuotes ? lineFeedsIn(cells) : 0)
    }
    return length - meta.cursor > MAX_ROW_LENGTH ? { line, issue: LENGTH_ISSUE } : 'read on'
  }
  try {
    return await new Promise((resolve, reject) => {
      Papa.parse<string[]>(input, {
        delimiter,
        newline: '\n',
        chunk: (results, parser) => {
          const outcome = readBatch(results)
          if (outcome === 'read on') return
          // First, because abort() calls complete().
          resolve(outcome === 'stop' ? undefined : outcome)
          parser.abort()
        },
        complete: () => { resolve(undefined) },
        error: reject
      })
    })
  } finally {
    input.destroy()
  }
}

function lineFeedsIn (cells: readonly string[]): number {
  return cells.reduce((count, cell) => count + cell.split('\n').length - 1, 0)
}
