import type { Database } from '../database/database.js'

/** The tables whose identifiers are parameters, with the other columns that help a person. */
const COLUMNS = {
  classes: 'customer',
  ingroups: '',
  regions: '',
  customers: 'parent, plan, balance',
  plans: 'currency'
} as const

export type NamedTable = keyof typeof COLUMNS

/** A row with its name and the other columns, `null` for none. */
export type NamedRow = Readonly<Record<string, unknown>> & { readonly id: number, readonly name: string }

/** Returns the rows of a table, ordered by identifier. */
export async function listNamedRows (database: Database, table: NamedTable): Promise<NamedRow[]> {
  const columns = ['id', 'name', COLUMNS[table]].filter(column => column !== '').join(', ')
  return await database.snapshot(async query => (
    (await query<NamedRow>(`select ${columns} from :"schema".${table} order by id`)).rows))
}
