import Papa from 'papaparse'
import { quote, trimSpaces } from '../numbers/notation.js'
import type { ImportRequest } from '../parameters/import.js'
import { findMisspelt } from '../parameters/misspelt.js'
import { fromCell } from './csv-cell.js'

/** The roles of columns; those that define the numbers of a row are the first. */
const ROLES = [
  'number', 'range', 'start', 'end', 'prefix', 'length', 'count', 'alias', 'class', 'ingroup', 'customer', 'region', 'stype'
] as const

export type Role = typeof ROLES[number]

/** A column, or several whose cells are joined; `name` is its name in messages. */
export interface Column {
  readonly name: string
  readonly indexes: readonly number[]
}

type Columns = Map<Role, Column>

/** An issue of a cell, or of its row as a whole. */
export interface CellIssue {
  readonly column?: string | undefined
  readonly issue: string
}

/** Defines how the rows of a file are read. */
export interface Layout {
  readonly columns: ReadonlyMap<Role, Column>
  /** The maximum number of cells in a row. */
  readonly width: number
  readonly hasHeader: boolean
  /** The cells that a row must have to be read. */
  readonly conditions: ReadonlyArray<{ readonly index: number, readonly text: string }>
}

/** The reason why a file cannot be read: an issue of the parameter `key`. */
export interface LayoutIssue {
  readonly key: 'csv' | 'columns' | 'where'
  readonly issue: string
}

/** The combinations of roles that define the numbers of a row. */
const NUMBER_ROLES = ['number', 'range', 'start', 'start end', 'prefix', 'prefix length']

const BEGINS_NUMBER = /^[ \t]*[+(]?[0-9]/

const MAX_LISTED_HEADERS = 20

/** The maximum of headers in a parameter: each of them is read in each row. */
const MAX_NAMED_HEADERS = 100

/** The layout of a file without a header: a number or range, and the last number if the first column has only the first one. */
const LIST: Layout = {
  columns: new Map([['range', { name: '1', indexes: [0] }], ['end', { name: '2', indexes: [1] }]]),
  width: 2,
  hasHeader: false,
  conditions: []
}

/**
 * Returns the layout of a file by its first row, which is a header or has the first number. With `columns`, only the columns that
 * it names and one that counts the numbers of a row are read.
 */
export function layoutOf (
  firstRow: readonly string[], { columns: mapping, where }: Pick<ImportRequest, 'columns' | 'where'>
): Layout | LayoutIssue {
  const header = new Header(firstRow)
  const columns = mapping === '' ? header.named() : header.mapped(mapping)
  if ('issue' in columns) return columns
  const conditions = header.conditions(where)
  if ('issue' in conditions) return conditions
  if (columns.size === 0 && conditions.length === 0 && BEGINS_NUMBER.test(firstRow[0] ?? '')) return LIST

  const numberRoles = ROLES.slice(0, 6).filter(role => columns.has(role)).join(' ')
  if (NUMBER_ROLES.includes(numberRoles)) return { columns, width: firstRow.length, hasHeader: true, conditions }
  return {
    key: 'csv',
    issue: 'the first row must be a number or range, or a header with number, range, start and end, or prefix and length; ' +
      `its columns are ${header.list()}. Choose which of them to read with the parameter columns`
  }
}

/** Returns the name of the column with the role; `number` stands for any role that defines numbers. */
export function nameOf (columns: Layout['columns'], role: Role): string | undefined {
  const roles: readonly Role[] = role === 'number' ? ['number', 'range', 'start', 'prefix'] : [role]
  return roles.map(role => columns.get(role)?.name).find(name => name !== undefined)
}

/** Returns the text of a row in a column, without outer spaces and without the protection from spreadsheets. */
export function cellOf ({ indexes }: Column, cells: readonly string[]): string {
  let text = ''
  for (const index of indexes) text += fromCell(trimSpaces(cells[index] ?? ''))
  return text
}

class Header {
  readonly #cells: readonly string[]
  readonly #names: readonly string[]

  constructor (cells: readonly string[]) {
    this.#cells = cells.map(cell => cell.trim())
    this.#names = this.#cells.map(cell => cell.toLowerCase())
  }

  /** Returns the columns whose headers are roles. */
  named (): Columns | LayoutIssue {
    const columns: Columns = new Map()
    for (const [index, name] of this.#names.entries()) {
      const role = roleOf(name)
      const meant = findMisspelt(name, ROLES)
      if (role !== undefined) {
        if (columns.has(role)) return { key: 'csv', issue: `the first row has two columns ${role}: remove one, or name the columns to read with the parameter columns` }
        columns.set(role, { name, indexes: [index] })
      } else if (meant !== undefined) {
        return { key: 'csv', issue: `the column ${quote(name)} is unknown: call it ${meant}, or name the columns to read with the parameter columns` }
      }
    }
    return columns
  }

  /** Returns the columns that the parameter `columns` names. */
  mapped (mapping: string): Columns | LayoutIssue {
    const columns: Columns = new Map()
    for (const [roleName, name] of pairsOf(mapping)) {
      const role = ROLES.find(role => role === roleName.toLowerCase())
      if (role === undefined || name === undefined || columns.has(role)) {
        return { key: 'columns', issue: `columns must be pairs of a role and a header, each role once (start=From,end=To), not ${quote(roleName)}; the roles are ${ROLES.join(', ')}` }
      }
      const parts = this.#names.includes(name.toLowerCase()) ? [name] : name.split('+', MAX_NAMED_HEADERS + 1).map(part => part.trim())
      if (parts.length > MAX_NAMED_HEADERS) return { key: 'columns', issue: `columns must join at most ${MAX_NAMED_HEADERS} columns for ${role}` }
      const indexes: number[] = []
      for (const part of parts) {
        const index = this.#find(part)
        if (typeof index !== 'number') return { key: 'columns', ...index }
        indexes.push(index)
      }
      columns.set(role, { name, indexes })
    }
    const count = this.#names.findIndex(name => roleOf(name) === 'count')
    if (!columns.has('count') && count !== -1) columns.set('count', { name: String(this.#cells[count]), indexes: [count] })
    return columns
  }

  /** Returns the conditions of the parameter `where`. */
  conditions (where: string): Array<Layout['conditions'][number]> | LayoutIssue {
    const conditions = []
    const pairs = where === '' ? [] : pairsOf(where)
    if (pairs.length > MAX_NAMED_HEADERS) return { key: 'where', issue: `where must have at most ${MAX_NAMED_HEADERS} pairs` }
    for (const [name, text] of pairs) {
      if (text === undefined) return { key: 'where', issue: `where must be pairs of a header and the text of its cells (Status=Allocated), not ${quote(name)}` }
      const index = this.#find(name)
      if (typeof index !== 'number') return { key: 'where', ...index }
      conditions.push({ index, text })
    }
    return conditions
  }

  list (): string {
    const listed = this.#cells.slice(0, MAX_LISTED_HEADERS).map(quote)
    return [...listed, ...this.#cells.length > MAX_LISTED_HEADERS ? ['and more'] : []].join(', ')
  }

  #find (name: string): number | { readonly issue: string } {
    const index = this.#names.indexOf(name.toLowerCase())
    if (index === -1) return { issue: `the file has no column ${quote(name)}; its columns are ${this.list()}` }
    if (this.#names.includes(name.toLowerCase(), index + 1)) return { issue: `the file has two columns ${quote(name)}: rename one` }
    return index
  }
}

function roleOf (name: string): Role | undefined {
  return name === 'quantity' ? 'count' : ROLES.find(role => role === name)
}

/** Returns pairs that are written as one line of CSV, so that a header with a comma can be quoted; `undefined` without a `=`. */
function pairsOf (text: string): Array<readonly [name: string, value: string | undefined]> {
  const [cells = []] = Papa.parse<string[]>(text, { delimiter: ',' }).data
  return cells.map(cell => {
    const [name = '', ...rest] = cell.split('=')
    return [name.trim(), rest.length === 0 ? undefined : rest.join('=').trim()]
  })
}
