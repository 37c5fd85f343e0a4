import type { Query } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'
import type { References } from './references.js'

/** A row that a load refers to, as a person knows it. */
export interface NamedReference {
  readonly key: keyof References
  readonly id: number
  readonly name: string
}

const FIND_NAMES = `
  select 'class' as key, id, name from :"schema".classes where id = $1
  union all
  select 'ingroup', id, name from :"schema".ingroups where id = $2
  union all
  select 'customer', id, name from :"schema".customers where id = $3
  union all
  select 'region', id, name from :"schema".regions where id = $4`

/** The names of the rows that are referred to. */
export async function findNames (query: Query, schema: string, references: References): Promise<NamedReference[]> {
  const { rows } = await query<NamedReference>(
    inSchema(schema, FIND_NAMES), [references.class, references.ingroup, references.customer, references.region])
  return rows
}
