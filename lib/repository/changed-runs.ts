import type { Query } from '../database/database.js'
import type { Values } from '../database/statement.js'
import type { ChangeInput, NewValues } from './changes.js'
import { ATTRIBUTE_TYPES, NUMBER_COLUMNS, type Attribute } from './columns.js'
import {
  countedOn, existingNumbers, IN_NUMBERS, IS_NUMBER, memberOf, placeOf, rangeValues, strategyFor, type LookupStrategy
} from './range-sql.js'

/** What was recorded of the numbers before a change. */
export interface RecordedRuns {
  /** How many numbers of the range exist. */
  readonly count: number
  readonly runs: number
  readonly haveAliases: boolean
}

const ATTRIBUTES = Object.keys(ATTRIBUTE_TYPES) as Attribute[]

const COLUMNS = [...ATTRIBUTES, 'load'] as const

const CHANGEABLE = [...ATTRIBUTES, 'alias'] as const

// Comparing a million numbers with the first takes a fifth of the time of finding the runs that they form.
const RECORD_ONE_RUN = `
  with first as materialized (
    select * from :"schema".numbers where number = :numbers_first::text and alias is null
  )
  insert into :"schema".changed_runs (change, first, last, count, ${NUMBER_COLUMNS})
  select :id::bigint, number, :numbers_last::text, :numbers_count::integer, ${NUMBER_COLUMNS} from first
  where :numbers_count::integer = (select count(*) from ${existingNumbers('scan')})
    and not exists (
      select from :"schema".numbers
      where ${IN_NUMBERS} and (alias is not null
        or ${COLUMNS.map(column => `${column} is distinct from (select ${column} from first)`).join(' or ')}))
  returning count, 1 as runs, false as "haveAliases"`

// In a run, place and rank increase together. A line is what its aliases share if they count up: their sign, their width,
// and the alias of place 0. Any other alias is a line of its own.
const RECORD_RUNS = { probe: recordRuns('probe'), scan: recordRuns('scan') }

function recordRuns (strategy: LookupStrategy): string {
  return `
    with found as materialized (
      select number, alias, ${NUMBER_COLUMNS}, ${placeOf('number', ':numbers_first::text')} as place
      from ${existingNumbers(strategy)}
    ), lined as (
      select *, case
          when alias ~ '^[+]?[0-9]{1,32}$'
            then translate(alias, '0123456789', '##########') || (ltrim(alias, '+')::numeric - place)
          else '=' || alias end as line
      from found
    ), ranked as (
      select *, place - row_number() over (partition by ${NUMBER_COLUMNS}, line order by place) as run from lined
    ), recorded as (
      insert into :"schema".changed_runs (change, first, last, count, alias, ${NUMBER_COLUMNS})
      select :id::bigint, min(number), max(number), count(*), min(alias), ${NUMBER_COLUMNS}
      from ranked
      group by ${NUMBER_COLUMNS}, line, run
      returning count, alias
    )
    select coalesce(sum(count), 0)::integer as count, count(*)::integer as runs,
      coalesce(bool_or(alias is not null), false) as "haveAliases"
    from recorded`
}

// Materialized, because the planner has no statistics of a new record, and could compare every number with every run.
/** How the recorded numbers are found in `numbers`; `place` is the place of a number in its run. */
const RECORDED = {
  probe: {
    runs: `run as materialized (
      select run.*, place, ${countedOn('run.first', 'place')} as member
      from :"schema".changed_runs as run cross join generate_series(0, run.count - 1) as place
      where change = :id::bigint)`,
    matches: 'numbers.number = run.member',
    place: 'run.place'
  },
  scan: {
    runs: 'run as materialized (select * from :"schema".changed_runs where change = :id::bigint)',
    matches: `${IN_NUMBERS} and number >= run.first and number <= run.last and ${IS_NUMBER}`,
    place: placeOf('number', 'run.first')
  }
}

/** The most runs that are found as pieces of the index. Of more, the planner could search all for every number. */
const MAX_SCANNED_RUNS = 8

/** SQL for each column of a recorded number. */
type State = Readonly<Record<typeof COLUMNS[number] | 'alias', string>>

const PLACE_IN_CHANGE = placeOf('number', ':numbers_first::text')

/** The recorded number before the change. */
function before (strategy: LookupStrategy): State {
  return {
    class: 'run.class',
    ingroup: 'run.ingroup',
    customer: 'run.customer',
    region: 'run.region',
    stype: 'run.stype',
    load: 'run.load',
    alias: `case when run.count = 1 then run.alias else ${countedOn('run.alias', RECORDED[strategy].place)} end`
  }
}

/** The recorded number after the change; the values and the new aliases are named as in {@link valuesOf}. */
function after (strategy: LookupStrategy, newValues: NewValues): State {
  const values = ATTRIBUTES.filter(column => newValues[column] !== undefined).map(column => (
    [column, `:new_${column}::${ATTRIBUTE_TYPES[column]}`] as const))
  return {
    ...before(strategy),
    ...Object.fromEntries(values),
    ...newValues.alias !== undefined && { alias: newValues.alias === null ? 'null::text' : memberOf('aliases', PLACE_IN_CHANGE) }
  }
}

function isIn (state: State): string {
  return Object.entries(state).map(([column, value]) => `numbers.${column} is not distinct from ${value}`).join(' and ')
}

/** Records the numbers of a range as they are. */
export async function insertRuns (query: Query, id: string, { numbers }: ChangeInput): Promise<RecordedRuns> {
  const values = { id, ...rangeValues('numbers', numbers) }
  const strategy = strategyFor(numbers.count)
  const statements = strategy === 'scan' ? [RECORD_ONE_RUN, RECORD_RUNS.scan] : [RECORD_RUNS.probe]
  for (const statement of statements) {
    const { rows: [recorded] } = await query<{ count: number, runs: number, haveAliases: boolean }>(statement, values)
    if (recorded !== undefined) return recorded
  }
  return { count: 0, runs: 0, haveAliases: false }
}

/** Deletes the recorded numbers in one statement, and returns how many were still as they were recorded. */
export async function deleteRecorded (
  query: Query, id: string, input: ChangeInput, recorded: RecordedRuns
): Promise<number | null> {
  const strategy = strategyOf(recorded)
  const { runs, matches } = RECORDED[strategy]
  return (await query(
    `with ${runs} delete from :"schema".numbers using run where ${matches} and ${isIn(before(strategy))}`, valuesOf(id, input))).rowCount
}

/** As {@link deleteRecorded}, for an update. */
export async function updateRecorded (
  query: Query, id: string, input: ChangeInput, recorded: RecordedRuns
): Promise<number | null> {
  const strategy = strategyOf(recorded)
  const { runs, matches } = RECORDED[strategy]
  const [from, to] = [before(strategy), after(strategy, input.newValues)]
  const values = valuesOf(id, input)
  // The index of aliases is checked row by row, so an alias that another number of the range still has would conflict.
  const mayCollide = recorded.haveAliases && input.aliases !== undefined && recorded.count > 1
  const set = CHANGEABLE.filter(column => input.newValues[column] !== undefined)
    .map(column => `${column} = ${column === 'alias' && mayCollide ? 'null' : to[column]}`)
  const { rowCount } = await query(
    `with ${runs} update :"schema".numbers set ${set.join(', ')} from run where ${matches} and ${isIn(from)}`, values)
  if (mayCollide) await query(`with ${runs} update :"schema".numbers set alias = ${to.alias} from run where ${matches}`, values)
  return rowCount
}

function strategyOf ({ count, runs }: RecordedRuns): LookupStrategy {
  return runs > MAX_SCANNED_RUNS ? 'probe' : strategyFor(count)
}

function valuesOf (id: string, { numbers, aliases, newValues }: ChangeInput): Values {
  return {
    id, ...rangeValues('numbers', numbers), ...rangeValues('aliases', aliases),
    ...Object.fromEntries(ATTRIBUTES.map(column => [`new_${column}`, newValues[column]]))
  }
}
