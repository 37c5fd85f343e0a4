import type { Query } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'
import type { Load } from '../loads/plan.js'
import { memberOf, rowsInSeries, searchFor, sequenceParameters, type LookupStrategy } from './range-sql.js'

/** Who caused a load, and from where; `null` where host code did and did not say. */
export interface Actor {
  readonly person: string | null
  readonly source: string | null
}

// The one statement of a load. It writes nothing unless every reference is good and neither a number nor an
// alias of the series exists, because a conflict found by the index alone would waste the rows before it.
// What changes between this look and the write is left to the unique indexes and the reference triggers.
// place is counted in a sub-select because a series in FROM would be stored before its first row is read.
function insertStatement (search: LookupStrategy): string {
  return `
    with load as (
      insert into :"schema".loads
        (person, source, start, "end", count, alias, class, ingroup, customer, region, stype, charge_customer)
      select $1, $2, $3, $4, $5::integer, $6, $7::integer, $8::integer, $9::integer, $10::integer, $11, $12::boolean
      where exists (select from :"schema".classes where id = $7
          and (classes.customer is null or $9 is null or classes.customer = $9))
        and exists (select from :"schema".ingroups where id = $8)
        and ($9 is null or exists (select from :"schema".customers where id = $9))
        and ($10 is null or exists (select from :"schema".regions where id = $10))
        and not exists (select from ${rowsInSeries('number', search, { first: 3, last: 4, count: 5, sequence: 14 })})
        and ($13::text is null
          or not exists (select from ${rowsInSeries('alias', search, { first: 6, last: 13, count: 5, sequence: 19 })}))
      returning id
    ), inserted as (
      insert into :"schema".numbers (number, alias, class, ingroup, customer, region, stype, load)
      select ${memberOf(14)}, ${memberOf(19)}, $7, $8, $9, $10, $11, (select id from load)
      from (select generate_series(0, $5 - 1) as place) as series
      where exists (select from load)
    )
    select id from load`
}

const INSERT_LOAD = { probe: insertStatement('probe'), scan: insertStatement('scan') }

/** Inserts the whole range and its load row; `undefined` where something stands in the way and nothing was written. */
export async function insertLoad (query: Query, schema: string, load: Load, actor: Actor): Promise<string | undefined> {
  const { request, numbers, aliases } = load
  const { rows } = await query<{ id: string }>(inSchema(schema, INSERT_LOAD[searchFor(numbers.count)]), [
    actor.person, actor.source, numbers.first, numbers.last, numbers.count, aliases?.first,
    request.class, request.ingroup, request.customer || null, request.region || null, request.stype,
    request.charge_customer, aliases?.last,
    ...sequenceParameters(numbers), ...sequenceParameters(aliases)
  ])
  return rows[0]?.id
}
