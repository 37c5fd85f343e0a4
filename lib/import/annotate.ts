import type { Issue } from '../errors.js'
import type { ImportRequest } from '../parameters/import.js'
import { layoutOf } from './columns.js'
import { toCell } from './csv-cell.js'
import { decode, EncodingError } from './decode.js'
import { delimitedText } from './delimiter.js'
import { encode } from './encode.js'
import { readCsvRows, type CsvRow } from './csv-rows.js'

/** The parameters that describe the notation of the file. */
type FormatParameters = Pick<ImportRequest, 'encoding' | 'delimiter' | 'columns' | 'where'>

/**
 * Returns a file, in its own encoding, with the issues of its rows in a column `error`. A list gets a header, so that it can be
 * imported after it is corrected. The text after an invalid quote is omitted. Returns `undefined` for a file that is not in its
 * encoding, which cannot be written back.
 */
export async function annotate (
  file: Uint8Array, { encoding, delimiter, columns, where }: FormatParameters, issues: readonly Issue[]
): Promise<Buffer | undefined> {
  const rows: CsvRow[] = []
  let found: string
  try {
    const delimited = await delimitedText(decode(file, encoding), delimiter)
    found = delimited.delimiter
    await readCsvRows(delimited.texts, found, row => {
      if (row.cells.some(cell => cell.trim() !== '')) rows.push(row)
      return true
    })
  } catch (error) {
    if (error instanceof EncodingError) return undefined
    throw error
  }
  const messages = new Map<number, string[]>()
  for (const { line = 0, lastLine = line, message } of issues) {
    for (let at = line; at <= lastLine; at++) messages.set(at, [...messages.get(at) ?? [], message])
  }

  const layout = layoutOf(rows[0]?.cells ?? [], { columns, where })
  const isList = 'columns' in layout && !layout.hasHeader
  const hasEnds = rows.some(({ cells }) => (cells[1] ?? '').trim() !== '')
  const header = isList ? hasEnds ? ['start', 'end'] : ['range'] : rows.shift()?.cells ?? []
  const names = header.includes('error') ? header : [...header, 'error']
  const lines = rows.map(({ cells, line }) => [
    ...names.map((name, index) => name === 'error' ? (messages.get(line) ?? []).join('; ') : cells[index] ?? ''),
    ...cells.slice(header.length)
  ])
  const text = [names, ...lines].map(cells => `${cells.map(toCell).join(found)}\n`).join('')
  return encode(text, encoding)
}
