import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import type { CreateRequest } from '../parameters/create.js'
import {
  ATTRIBUTE_VALUES, ATTRIBUTES, LOAD_COLUMNS, LOAD_VALUES, REFERENCES_OF_VALUES_HOLD, type Attribute, type LoadRow
} from './columns.js'
import { memberOf, PLACES, rangeValues } from './range-sql.js'
import { walkedRange } from './walked-range.js'

/** The caller, the address and the HTTP request of a call; `null` for those that host code did not pass. */
export interface Actor {
  readonly person: string | null
  readonly source: string | null
  readonly requestId: string | null
}

/** The content of a load of one range. */
export interface LoadInput {
  readonly parameters: Pick<CreateRequest, Attribute | 'charge_customer'>
  readonly numbers: NumberRange
  readonly aliases: NumberRange | undefined
}

/** A load whose parameters are valid, as far as they can be checked without the database. */
export interface Load extends LoadInput {
  readonly parameters: CreateRequest
}

// The one statement of a load. It writes nothing unless every reference holds and neither a number nor an alias of the range
// exists, because a conflict found by the index alone would waste the rows before it. The unique indexes and the reference
// triggers guard against changes between these checks and the write.
const INSERT_LOAD = `
  with load as (
    insert into :"schema".loads (${LOAD_COLUMNS})
    select ${LOAD_VALUES}
    where ${REFERENCES_OF_VALUES_HOLD}
      and not exists (select from ${walkedRange('number')})
      and (:aliases_first::text is null or not exists (select from ${walkedRange('alias')}))
    returning id
  ), inserted as (
    insert into :"schema".numbers (number, alias, ${ATTRIBUTES}, load)
    select ${memberOf('numbers')}, ${memberOf('aliases')}, ${ATTRIBUTE_VALUES}, (select id from load)
    from ${PLACES}
    where exists (select from load)
  )
  select id from load`

/** Inserts the whole range and its load row; returns `undefined`, having written nothing, if a check fails. */
export async function insertLoad (query: Query, load: LoadInput, actor: Actor): Promise<string | undefined> {
  const { numbers, aliases } = load
  const { rows } = await query<{ id: string }>(INSERT_LOAD, {
    ...loadRow(load, actor), ...rangeValues('numbers', numbers), ...rangeValues('aliases', aliases)
  })
  return rows[0]?.id
}

/** Returns the row of `loads`, by its columns. */
export function loadRow ({ parameters, numbers, aliases }: LoadInput, { person, source, requestId }: Actor): LoadRow {
  return {
    person,
    source,
    request_id: requestId,
    start: numbers.first,
    end: numbers.last,
    count: numbers.count,
    alias: aliases?.first ?? null,
    class: parameters.class,
    ingroup: parameters.ingroup,
    customer: parameters.customer || null,
    region: parameters.region || null,
    stype: parameters.stype,
    charge_customer: parameters.charge_customer
  }
}
