import type { Query } from '../database/database.js'
import type { CreateRequest } from '../parameters/create.js'

/** The parameters that refer to rows; 0 means none for `customer` and `region`. */
export type References = Partial<Pick<CreateRequest, 'class' | 'ingroup' | 'customer' | 'region'>>

/** A reference that a load may not have. */
export interface BadReference {
  readonly key: keyof References
  readonly reason: 'missing' | 'reserved for another customer'
}

/** A row that a load refers to, with its name. */
export interface NamedReference {
  readonly key: keyof References
  readonly id: number
  readonly name: string
}

// NULL, which represents an unknown reference, is never invalid.
const FIND_BAD_REFERENCES = `
  select 'class' as key, 'missing' as reason
    where :class::integer is not null and not exists (select from :"schema".classes where id = :class)
  union all
  select 'class', 'reserved for another customer'
    where exists (select from :"schema".classes where id = :class and customer <> :customer and :customer <> 0)
  union all
  select 'ingroup', 'missing'
    where :ingroup::integer is not null and not exists (select from :"schema".ingroups where id = :ingroup)
  union all
  select 'customer', 'missing'
    where :customer::integer <> 0 and not exists (select from :"schema".customers where id = :customer)
  union all
  select 'region', 'missing'
    where :region::integer <> 0 and not exists (select from :"schema".regions where id = :region)`

const MAX_LISTED_ROWS = 10

/** Rows that a missing reference could have meant: all rows of the table if they are few, or else the nearest. */
export interface Alternatives {
  readonly areAll: boolean
  readonly rows: ReadonlyArray<Pick<NamedReference, 'id' | 'name'>>
}

function alternativesIn (table: string): string {
  return `
    with few as materialized (select id, name from :"schema".${table} order by id limit ${MAX_LISTED_ROWS + 1})
    select id, name, true as "areAll" from few where (select count(*) from few) <= ${MAX_LISTED_ROWS}
    union all
    (select id, name, false from :"schema".${table} where id < :id and (select count(*) from few) > ${MAX_LISTED_ROWS}
      order by id desc limit 1)
    union all
    (select id, name, false from :"schema".${table} where id > :id and (select count(*) from few) > ${MAX_LISTED_ROWS}
      order by id limit 1)
    order by id`
}

const FIND_ALTERNATIVES = {
  class: alternativesIn('classes'),
  ingroup: alternativesIn('ingroups'),
  customer: alternativesIn('customers'),
  region: alternativesIn('regions')
}

const FIND_NAMES = `
  select 'class' as key, id, name from :"schema".classes where id = :class
  union all
  select 'ingroup', id, name from :"schema".ingroups where id = :ingroup
  union all
  select 'customer', id, name from :"schema".customers where id = :customer
  union all
  select 'region', id, name from :"schema".regions where id = :region`

export async function findBadReferences (query: Query, references: References): Promise<BadReference[]> {
  return (await query<BadReference>(FIND_BAD_REFERENCES, valuesOf(references))).rows
}

/** Returns the rows that a missing reference could have meant, in the order of their identifiers. */
export async function findAlternatives (query: Query, key: keyof References, id: number): Promise<Alternatives> {
  const { rows } = await query<Pick<NamedReference, 'id' | 'name'> & { areAll: boolean }>(FIND_ALTERNATIVES[key], { id })
  return { areAll: rows[0]?.areAll !== false, rows: rows.map(({ id, name }) => ({ id, name })) }
}

/** Returns the names of the rows that are referred to. */
export async function findNames (query: Query, references: References): Promise<NamedReference[]> {
  return (await query<NamedReference>(FIND_NAMES, valuesOf(references))).rows
}

function valuesOf ({ class: numberClass, ingroup, customer, region }: References) {
  return { class: numberClass, ingroup, customer, region }
}
