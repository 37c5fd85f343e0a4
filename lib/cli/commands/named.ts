import { listNamedRows, type NamedRow, type NamedTable } from '../../repository/named-rows.js'
import type { DatabaseCommand } from '../command.js'

export const classes = commandFor('classes', 'List the number classes, and the customers that they are reserved for.')
export const ingroups = commandFor('ingroups', 'List the inbound groups.')
export const regions = commandFor('regions', 'List the regions.')
export const customers = commandFor('customers', 'List the customers with their parents, plans and balances.')
export const plans = commandFor('plans', 'List the price plans.')

function commandFor (table: NamedTable, summary: string): DatabaseCommand {
  return {
    synopsis: '',
    summary,
    operands: [],
    options: {},
    async run ({ database }) {
      const rows = await listNamedRows(database, table)
      return { json: rows, lines: rows.length === 0 ? [`There are no ${table}.`] : rows.map(describe) }
    }
  }
}

function describe ({ id, name, ...rest }: NamedRow): string {
  const details = Object.entries(rest).filter(([, value]) => value !== null).map(([column, value]) => `${column} ${String(value)}`)
  return [`${id} "${name}"`, ...details].join(', ')
}
