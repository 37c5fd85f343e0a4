import type { Query } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'
import type { CreateRequest } from '../parameters/create.js'

/** The parameters that refer to rows; 0 means none for `customer` and `region`. */
export type References = Partial<Pick<CreateRequest, 'class' | 'ingroup' | 'customer' | 'region'>>

/** A reference that a load may not have. */
export interface BadReference {
  readonly key: keyof References
  readonly reason: 'missing' | 'reserved for another customer'
}

// NULL, for a reference that is not known, is never bad.
const FIND_BAD_REFERENCES = `
  select 'class' as key, 'missing' as reason
    where $1::integer is not null and not exists (select from :"schema".classes where id = $1)
  union all
  select 'class', 'reserved for another customer'
    where exists (select from :"schema".classes where id = $1 and customer <> $3 and $3 <> 0)
  union all
  select 'ingroup', 'missing'
    where $2::integer is not null and not exists (select from :"schema".ingroups where id = $2)
  union all
  select 'customer', 'missing'
    where $3::integer <> 0 and not exists (select from :"schema".customers where id = $3)
  union all
  select 'region', 'missing'
    where $4::integer <> 0 and not exists (select from :"schema".regions where id = $4)`

export async function findBadReferences (query: Query, schema: string, references: References): Promise<BadReference[]> {
  const { rows } = await query<BadReference>(
    inSchema(schema, FIND_BAD_REFERENCES),
    [references.class, references.ingroup, references.customer, references.region])
  return rows
}
