import type { Query } from '../database/database.js'
import { ATTRIBUTE_NAMES, ATTRIBUTE_TYPES, ATTRIBUTES, type Attribute } from './columns.js'
import type { NumberRecord } from './list-numbers.js'
import { countedOn, placeOf } from './range-sql.js'

/** The state of a number, without the number itself and its load. The values are those of `get`. */
export type NumberState = Omit<NumberRecord, 'number' | 'load'>

/** The effect of a load, a change or an undo on one number. */
export interface EventRow {
  readonly kind: 'load' | 'update' | 'delete' | 'undo'
  /** The kind of the record that was undone, if this is an undo. */
  readonly undone: 'load' | 'update' | 'delete' | null
  /** Identifier of the load or change; for an undo, of the one that was undone. */
  readonly id: string
  readonly at: Date
  /** Username of the caller or of the person who undid it, or `null` if host code gave none. */
  readonly person: string | null
  /** Network address of the caller, or the value that host code gave; `null` for an undo. */
  readonly source: string | null
  /** Identifier of the HTTP request, or the value that host code gave; `null` for an undo. */
  readonly requestId: string | null
  /** The number before the event; `null` if it did not exist. */
  readonly before: NumberState | null
  readonly after: NumberState | null
}

const NUMBER = ':number::text'

/** SQL for whether the number is between two columns; `lowest` is the lowest possible start of a range that contains it. */
function isBetween (first: string, last: string): string {
  return `octet_length(${first}) = octet_length(${NUMBER})
    and ${first} >= :lowest::text and ${first} <= ${NUMBER} and ${last} >= ${NUMBER}`
}

/** SQL for a {@link NumberState}. */
function stateOf (alias: string, valueOf: (attribute: Attribute) => string): string {
  const attributes = ATTRIBUTE_NAMES.map(name => (
    `'${name}', ${ATTRIBUTE_TYPES[name] === 'integer' ? `coalesce(${valueOf(name)}, 0)` : valueOf(name)}`))
  return `json_build_object('alias', coalesce(${alias}, ''), ${attributes.join(', ')})`
}

const ALIAS_BEFORE = `case when run.count = 1 then run.alias else ${countedOn('run.alias', placeOf(NUMBER, 'run.first'))} end`

const ALIAS_AFTER = `case when new_values ? 'alias'
        then ${countedOn(`(new_values ->> 'alias')`, placeOf(NUMBER, 'start'))} else ${ALIAS_BEFORE} end`

function valueAfter (attribute: Attribute): string {
  return `case when new_values ? '${attribute}'
        then (new_values ->> '${attribute}')::${ATTRIBUTE_TYPES[attribute]} else run.${attribute} end`
}

// Every part is found by an index; see the indexes of loads and changes. A load whose numbers were deleted by SQL outside the
// plugin is in none of them, unless the number had been changed before.
const FIND_EVENTS = `
  with changed as materialized (
    select changes.*, run.load, ${stateOf(ALIAS_BEFORE, name => `run.${name}`)} as before,
      case kind when 'update' then ${stateOf(ALIAS_AFTER, valueAfter)} end as after
    from :"schema".changes cross join lateral (
      select * from :"schema".changed_runs where change = changes.id and first <= ${NUMBER} order by first desc limit 1
    ) as run
    where ${isBetween('start', '"end"')}
  ), loaded as materialized (
    select loads.*, ${stateOf(countedOn('added.alias', placeOf(NUMBER, 'added.first')), name => `added.${name}`)} as after
    from (
      select load as id from :"schema".numbers where number = ${NUMBER}
      union
      select load from changed
      union
      select id from :"schema".loads where undone_at is not null and ranges = 1 and ${isBetween('start', '"end"')}
      union
      -- If all ranges have one number, comparing their array takes a fraction of the time of its rows.
      select id from :"schema".loads join :"schema".load_range_arrays on load = id
      where undone_at is not null and ranges > 1 and (lasts is not null or ${NUMBER} = any (firsts))
    ) as found cross join lateral (
      -- Because of the limit, each load is looked up by its identifier: the planner expects many, and would otherwise read all
      -- loads.
      select * from :"schema".loads where loads.id = found.id limit 1
    ) as loads cross join lateral (
      select start as first, alias, ${ATTRIBUTES} from (select loads.*) as load
      where ranges = 1 and ${isBetween('start', '"end"')}
      union all
      select first, alias, ${ATTRIBUTES} from :"schema".load_ranges
      where load = loads.id and ${isBetween('first', 'last')}
    ) as added
  )
  select 'load' as kind, null as undone, id, created_at as at, person, source, request_id as "requestId",
    null::json as before, after
  from loaded
  union all
  select 'undo', 'load', id, undone_at, undone_by, null, null, after, null from loaded where undone_at is not null
  union all
  select kind, null, id, created_at, person, source, request_id, before, after from changed
  union all
  select 'undo', kind, id, undone_at, undone_by, null, null, after, before from changed where undone_at is not null
  order by at, id`

/** Returns the events of a number, the oldest first; `lowest` is the lowest possible start of a range that contains it. */
export async function findEvents (query: Query, number: string, lowest: string): Promise<EventRow[]> {
  return (await query<EventRow>(FIND_EVENTS, { number, lowest })).rows
}
