import { rangeBetween, rangeFrom, widened, type NumberRange, type RangeIssue } from '../numbers/number-range.js'
import { quote, readBlock, readNumber, readRange, type Notation } from '../numbers/notation.js'
import type { ImportRequest } from '../parameters/import.js'
import { describeInvisible } from '../parameters/invisible.js'
import { AttributeReader, type Attributes } from './attributes.js'
import { cellOf, nameOf, type CellIssue, type Layout, type Role } from './columns.js'
import type { CsvRow } from './csv-rows.js'

/** The numbers of one row. */
export interface Row {
  readonly line: number
  readonly numbers: NumberRange
  readonly aliases: NumberRange | undefined
  readonly attributes: Attributes
}

const ALIAS = /^\+?[0-9]{1,32}$/

/** Reads the rows of a file that has a certain layout. */
export class RowReader {
  readonly #layout: Layout
  readonly #parameters: ImportRequest
  readonly #notation: Notation
  readonly #maximum: number
  readonly #attributes: AttributeReader

  constructor (layout: Layout, parameters: ImportRequest, maximum: number) {
    this.#layout = layout
    this.#parameters = parameters
    this.#notation = notationOf(parameters)
    this.#maximum = maximum
    this.#attributes = new AttributeReader(layout, parameters)
  }

  /** Returns a row or its issues, of which there are none if the row is empty or not selected. */
  read ({ cells, line }: CsvRow): Row | readonly CellIssue[] {
    if (!this.#isWanted(cells)) return []
    const { width } = this.#layout
    if (cells.length > width && cells.slice(width).some(isFilled)) {
      return [{ issue: `the row has ${cells.length} cells, the first row ${width}: quote a cell that has a delimiter` }]
    }
    const numbers = this.#readNumbers(cells)
    const attributes = this.#attributes.read(cells)
    const aliases = 'issue' in numbers ? undefined : this.#readAliases(cells, numbers.count)
    if ('issue' in numbers || 'issues' in attributes || (aliases !== undefined && 'issue' in aliases)) {
      return [numbers, aliases, ...'issues' in attributes ? attributes.issues : []].filter(part => part !== undefined && 'issue' in part)
    }
    return { line, numbers, aliases, attributes }
  }

  #isWanted (cells: readonly string[]): boolean {
    return cells.some(isFilled) && this.#layout.conditions.every(({ index, text }) => (cells[index] ?? '').trim() === text)
  }

  #readNumbers (cells: readonly string[]): NumberRange | CellIssue {
    const range = this.#rangeOf(cells)
    if ('issue' in range) return { ...range, column: nameOf(this.#layout.columns, 'number') }
    const count = this.#textOf('count', cells)
    if (count === '' || (/^[0-9]+$/.test(count) && Number(count) === range.count)) return range
    return {
      column: nameOf(this.#layout.columns, 'count'),
      issue: `${quote(count)} must be ${range.count}, the count of numbers from ${range.first} to ${range.last}`
    }
  }

  #rangeOf (cells: readonly string[]): NumberRange | RangeIssue {
    const { columns } = this.#layout
    const [prefix, end] = [this.#textOf('prefix', cells), this.#textOf('end', cells)]
    const text = prefix || this.#textOf('number', cells) || this.#textOf('range', cells) || this.#textOf('start', cells)
    if (text === '') return { issue: 'the number is missing' }
    if (prefix !== '') return readBlock(prefix, this.#textOf('length', cells) || this.#parameters.length, this.#notation, this.#maximum)
    if (end === '' && columns.has('range')) return readRange(text, this.#notation, this.#maximum)
    const first = readNumber(text, this.#notation)
    if (typeof first !== 'string') return first
    const last = end === '' ? '' : readNumber(end, this.#notation)
    return typeof last === 'string' ? rangeBetween(first, last, this.#maximum) : last
  }

  /** Returns `undefined` if there is no alias. */
  #readAliases (cells: readonly string[], count: number): NumberRange | CellIssue | undefined {
    const alias = this.#textOf('alias', cells) || this.#parameters.alias
    if (alias === '') return undefined
    const column = nameOf(this.#layout.columns, 'alias')
    if (!ALIAS.test(alias)) {
      return { column, issue: `${quote(alias)} must be an optional + and 1 to 32 digits, digits only${describeInvisible(alias)}` }
    }
    const range = rangeFrom(alias, count)
    if (range !== undefined) return range
    const wider = widened(alias, count)
    const remedy = wider === undefined ? '' : `: give ${wider}`
    return { column, issue: `${quote(alias)} must leave room to count up ${count} aliases of the same width${remedy}` }
  }

  #textOf (role: Role, cells: readonly string[]): string {
    const column = this.#layout.columns.get(role)
    return column === undefined ? '' : cellOf(column, cells)
  }
}

function isFilled (cell: string): boolean {
  return cell.trim() !== ''
}

function notationOf ({ punctuation, plus, prepend }: ImportRequest): Notation {
  const [country = '', digits] = plus?.split(':') ?? []
  return {
    stripsHyphens: punctuation === 'strip',
    plus: plus === undefined ? undefined : digits === undefined ? { country: '', digits: country } : { country, digits },
    prepend
  }
}
