import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import type { Values } from '../database/statement.js'
import { changeValues, INSERT_CHANGE, type ChangeInput, type NewValues } from './changes.js'
import { ATTRIBUTE_NAMES, ATTRIBUTE_TYPES, NUMBER_COLUMNS } from './columns.js'
import { differing, RUNS_OF_CHANGED } from './differences.js'
import type { Actor } from './insert-load.js'
import {
  countedOn, existingNumbers, IN_NUMBERS, IS_NUMBER, memberOf, placeOf, PLACES, rangeValues, strategyFor, type LookupStrategy
} from './range-sql.js'

/** What was recorded of the numbers before a change. */
export interface RecordedRuns {
  /** How many numbers of the range exist. */
  readonly count: number
  readonly runs: number
  readonly haveAliases: boolean
}

/** The record of a change, and what was recorded with it. */
export interface RecordedChange extends RecordedRuns {
  readonly id: string
}

const NO_RUNS: RecordedRuns = { count: 0, runs: 0, haveAliases: false }

const COLUMNS = [...ATTRIBUTE_NAMES, 'load'] as const

const CHANGEABLE = [...ATTRIBUTE_NAMES, 'alias'] as const

// The statement that reads the numbers inserts their record. So the record has a later identifier and a later time than every
// change that the statement sees.
// Comparing a million numbers with the first takes a fifth of the time of finding the runs that they form.
const RECORD_ONE_RUN = `
  with first as materialized (
    select * from :"schema".numbers where number = :numbers_first::text and alias is null
  ), uniform as materialized (
    select * from first
    where :numbers_count::integer = (select count(*) from ${existingNumbers('scan')})
      and not exists (
        select from :"schema".numbers
        where ${IN_NUMBERS} and (alias is not null
          or ${COLUMNS.map(column => `${column} is distinct from (select ${column} from first)`).join(' or ')}))
  ), change as (
    ${INSERT_CHANGE} from uniform
    returning id
  )
  insert into :"schema".changed_runs (change, first, last, count, ${NUMBER_COLUMNS})
  select (select id from change), number, :numbers_last::text, :numbers_count::integer, ${NUMBER_COLUMNS} from uniform
  returning change as id, count, 1 as runs, false as "haveAliases"`

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
    ), change as (
      ${INSERT_CHANGE}
      returning id
    ), recorded as (
      insert into :"schema".changed_runs (change, first, last, count, alias, ${NUMBER_COLUMNS})
      select (select id from change), min(number), max(number), count(*), min(alias), ${NUMBER_COLUMNS}
      from ranked
      group by ${NUMBER_COLUMNS}, line, run
      returning count, alias
    )
    select (select id from change) as id, coalesce(sum(count), 0)::integer as count, count(*)::integer as runs,
      coalesce(bool_or(alias is not null), false) as "haveAliases"
    from recorded`
}

// The planner has no statistics of a new record. So a run is looked up for each number of the change, which are as many as
// the planner expects; and the result is materialized, because it could otherwise compare every number with every run.
/** How the recorded numbers are found in `numbers`; `place` is the place of a number in its run. */
const RECORDED = {
  probe: {
    runs: `run as materialized (
      select run.*, member, ${placeOf('member', 'run.first')} as place
      from (select ${memberOf('numbers')} as member from ${PLACES}) as members cross join lateral (
        select * from :"schema".changed_runs where change = :id::bigint and first <= member order by first desc limit 1) as run)`,
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

/** A whole range is read, for which a bitmap is faster than a walk along the index. */
const READ_RANGES = 'set local enable_bitmapscan = on'

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
  const values = ATTRIBUTE_NAMES.filter(column => newValues[column] !== undefined).map(column => (
    [column, `:new_${column}::${ATTRIBUTE_TYPES[column]}`] as const))
  return {
    ...before(strategy),
    ...Object.fromEntries(values),
    ...newValues.alias !== undefined && { alias: newValues.alias === null ? 'null::text' : memberOf('aliases', PLACE_IN_CHANGE) }
  }
}

function isSame (column: string, value: string): string {
  return `numbers.${column} is not distinct from ${value}`
}

function isIn (state: Partial<State>): string {
  return Object.entries(state).map(([column, value]) => isSame(column, value)).join(' and ')
}

const COUNT_RUNS = `
  select sum(count)::integer as count, count(*)::integer as runs, bool_or(alias is not null) as "haveAliases"
  from :"schema".changed_runs where change = :id`

const RESTORE_DELETED = `
  with ${RECORDED.probe.runs}
  insert into :"schema".numbers (number, alias, ${NUMBER_COLUMNS})
  select member, ${before('probe').alias}, ${NUMBER_COLUMNS} from run
  order by member`

const PLACE_OF_MEMBER = placeOf('run.member', ':numbers_first::text')

/** The number that has the former alias of a recorded one. */
const OTHER = `(select ${IN_NUMBERS} from :"schema".numbers where numbers.alias = ${before('probe').alias})`

const COMPARE_DELETED = `
  select 0 as position, member as number, ${PLACE_OF_MEMBER} as place, 'exists' as reason,
    case when numbers.number is null then '{alias}' else '{}' end::text[] as differs
  from run left join :"schema".numbers on numbers.number = run.member
  where numbers.number is not null or ${OTHER} is not null`

function compareUpdated (newValues: NewValues): string {
  const { load, ...state } = after('probe', newValues)
  const conditions = Object.fromEntries(Object.entries(state).map(([column, value]) => [column, isSame(column, value)]))
  const isLoaded = isSame('load', load)
  return `
    select 0 as position, member as number, ${PLACE_OF_MEMBER} as place,
      case when not (${isLoaded}) then 'gone' when ${isIn(state)} then 'exists' else 'changed' end as reason,
      case when not (${isLoaded}) then '{}' when ${isIn(state)} then '{alias}' else ${differing(conditions)} end as differs
    from run left join :"schema".numbers on numbers.number = run.member
    where not (${isLoaded} and ${isIn(state)})${newValues.alias === undefined ? '' : ` or ${OTHER} = false`}`
}

/** Records a change, and the numbers of its range as they are. */
export async function insertChange (query: Query, input: ChangeInput, actor: Actor): Promise<RecordedChange> {
  const values = { ...changeValues(input, actor), ...rangeValues('numbers', input.numbers) }
  const strategy = strategyFor(input.numbers.count)
  if (strategy === 'scan') {
    await query(READ_RANGES)
    const { rows: [run] } = await query<RecordedChange>(RECORD_ONE_RUN, values)
    if (run !== undefined) return run
  }
  const { rows: [recorded] } = await query<RecordedChange>(RECORD_RUNS[strategy], values)
  return { id: '', ...NO_RUNS, ...recorded }
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
  return await rewrite(query, id, input, recorded, before(strategy), after(strategy, input.newValues))
}

/** Gives the numbers of an update their former values, and returns how many were as the update had left them. */
export async function restoreUpdated (query: Query, id: string, input: ChangeInput): Promise<number | null> {
  const recorded = await countRuns(query, id)
  const strategy = strategyOf(recorded)
  if (strategy === 'scan') await query(READ_RANGES)
  return await rewrite(query, id, input, recorded, after(strategy, input.newValues), before(strategy))
}

/** Inserts the numbers of a deletion as they were, and returns how many they are. */
export async function restoreDeleted (query: Query, id: string, input: ChangeInput): Promise<number | null> {
  return (await query(RESTORE_DELETED, valuesOf(id, input))).rowCount
}

/** Returns the first hundred runs of numbers that are not as a change left them. */
export async function findDifferences (query: Query, id: string, input: ChangeInput): Promise<ChangedNumbers[]> {
  const compared = input.kind === 'delete' ? COMPARE_DELETED : compareUpdated(input.newValues)
  return (await query<ChangedNumbers>(
    `with ${RECORDED.probe.runs}, changed as (${compared}), ${RUNS_OF_CHANGED}`, valuesOf(id, input))).rows
}

// The index of aliases is checked row by row, so an alias that another number of the range still has would conflict.
async function rewrite (
  query: Query, id: string, input: ChangeInput, recorded: RecordedRuns, from: State, to: State
): Promise<number | null> {
  const { runs, matches } = RECORDED[strategyOf(recorded)]
  const values = valuesOf(id, input)
  const mayCollide = recorded.haveAliases && input.aliases !== undefined && recorded.count > 1
  const set = CHANGEABLE.filter(column => input.newValues[column] !== undefined)
    .map(column => `${column} = ${column === 'alias' && mayCollide ? 'null' : to[column]}`)
  const { rowCount } = await query(
    `with ${runs} update :"schema".numbers set ${set.join(', ')} from run where ${matches} and ${isIn(from)}`, values)
  if (mayCollide) await query(`with ${runs} update :"schema".numbers set alias = ${to.alias} from run where ${matches}`, values)
  return rowCount
}

async function countRuns (query: Query, id: string): Promise<RecordedRuns> {
  const { rows: [recorded] } = await query<RecordedRuns>(COUNT_RUNS, { id })
  return { ...NO_RUNS, ...recorded }
}

function strategyOf ({ count, runs }: RecordedRuns): LookupStrategy {
  return runs > MAX_SCANNED_RUNS ? 'probe' : strategyFor(count)
}

function valuesOf (id: string, { numbers, aliases, newValues }: ChangeInput): Values {
  return {
    id, ...rangeValues('numbers', numbers), ...rangeValues('aliases', aliases),
    ...Object.fromEntries(ATTRIBUTE_NAMES.map(column => [`new_${column}`, newValues[column]]))
  }
}
