import type { CsvRow } from './csv-rows.js'
import type { Role } from './columns.js'

type Identifier = 'class' | 'ingroup' | 'customer' | 'region'

/**
 * A row that host code passes as an object: its cells by their columns. Numbers and aliases are strings, because of leading
 * zeros.
 */
export type ImportRow = Readonly<Partial<Record<Exclude<Role, Identifier | 'count'>, string> & Record<Identifier | 'count', string | number>>>

const NUMERIC: ReadonlySet<string> = new Set(['class', 'ingroup', 'customer', 'region', 'count'])

/**
 * Returns rows as those of a file with a header; the first of them is on line 1. The text of a cell of a wrong type names its
 * type.
 */
export function* rowsOf (rows: readonly ImportRow[]): Generator<CsvRow, undefined> {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))]
  yield { cells: names, line: 0 }
  for (const [index, row] of rows.entries()) {
    const values = new Map<string, unknown>(Object.entries(row))
    yield { cells: names.map(name => textOf(name, values.get(name))), line: index + 1 }
  }
}

function textOf (name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return typeof value === 'number' && NUMERIC.has(name) ? String(value) : `a ${typeof value}, not a string`
}
