import type { Query } from '../database/database.js'
import { typedValues, type Values } from '../database/statement.js'
import type { NumberRange } from '../numbers/number-range.js'
import type { CreateRequest } from '../parameters/create.js'
import {
  ATTRIBUTE_VALUES, ATTRIBUTES, LOAD_COLUMNS, LOAD_VALUES, REFERENCES_OF_VALUES_HOLD, type Attribute, type LoadRow
} from './columns.js'
import { memberOf, PLACES, rangeValues } from './range-sql.js'
import { throwIfOvertaken } from './records.js'
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

/** The number, the alias and the attributes that are inserted for each place of a range. */
export const INSERTED_NUMBER = `${memberOf('numbers')}, case when :aliases_first::text is not null then ${memberOf('aliases')} end, ${ATTRIBUTE_VALUES}`

// The one statement of a load. It writes nothing unless every reference holds and neither a number nor an alias of the range
// exists, because a conflict found by the index alone would waste the rows before it. The unique indexes and the reference
// triggers guard against changes between these checks and the write.
const INSERT_LOAD = `
  with load as (
    insert into :"schema".loads (${LOAD_COLUMNS}, transaction_at)
    select ${LOAD_VALUES}, now()
    where ${REFERENCES_OF_VALUES_HOLD}
      and not exists (select from ${walkedRange('number')})
      and (:aliases_first::text is null or not exists (select from ${walkedRange('alias')}))
    returning id
  ), inserted as (
    insert into :"schema".numbers (number, alias, ${ATTRIBUTES}, load)
    select ${INSERTED_NUMBER}, (select id from load)
    from ${PLACES}
    where exists (select from load)
  )
  select id from load`

/** Longer ranges gain more time from a plan for their values than the planning takes. */
export const MAX_SHORT = 5_000

/** The values of the statement, which are also the parameters of the function for short ranges. */
export const LOAD_PARAMETERS = typedValues(INSERT_LOAD)

const INSERT_SHORT_LOAD = `
  select :"schema".insert_short_load(${LOAD_PARAMETERS.map(({ name, type }) => `:${name}::${type}`).join(', ')}, :fingerprint::text) as id`

/**
 * Inserts the whole range and its load row, and returns the identifier; returns `undefined`, having written nothing, if a check
 * fails.
 */
export async function insertLoad (query: Query, load: LoadInput, actor: Actor): Promise<string | undefined> {
  return await (load.numbers.count <= MAX_SHORT ? insertShortLoad : insertLongLoad)(query, load, actor)
}

/** As {@link insertLoad}, by a function that keeps its plan. With a fingerprint, it also fails if that of the person differs. */
export async function insertShortLoad (
  query: Query, load: LoadInput, actor: Actor, fingerprint?: string
): Promise<string | undefined> {
  const { rows: [row] } = await query<{ id: string | null }>(INSERT_SHORT_LOAD, { ...valuesOf(load, actor), fingerprint })
  return row?.id ?? undefined
}

/** As {@link insertLoad}, by a statement that is planned for its values. */
export async function insertLongLoad (query: Query, load: LoadInput, actor: Actor): Promise<string | undefined> {
  const { rows: [row] } = await query<{ id: string }>(INSERT_LOAD, valuesOf(load, actor))
  if (row !== undefined) await throwIfOvertaken(query, row.id)
  return row?.id
}

function valuesOf (load: LoadInput, actor: Actor): Values {
  const { common, own } = loadRow(load, actor)
  return { ...common, ...own, ...rangeValues('numbers', load.numbers), ...rangeValues('aliases', load.aliases) }
}

/** Returns the row of `loads`. */
export function loadRow ({ parameters, numbers, aliases }: LoadInput, { person, source, requestId }: Actor): LoadRow {
  return {
    common: {
      person,
      source,
      class: parameters.class,
      ingroup: parameters.ingroup,
      customer: parameters.customer || null,
      region: parameters.region || null,
      stype: parameters.stype,
      charge_customer: parameters.charge_customer
    },
    own: {
      request_id: requestId,
      start: numbers.first,
      end: numbers.last,
      count: numbers.count,
      alias: aliases?.first ?? null
    }
  }
}
