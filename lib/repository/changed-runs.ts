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
import { countUniform, deleteUniform, findUniform, insertOneRun, READ_RANGES, type Uniform } from './uniform-range.js'

/** The recorded state of the numbers before a change. */
export interface RecordedRuns {
  /** How many numbers of the range exist. */
  readonly count: number
  readonly runs: number
  readonly haveAliases: boolean
  /** Set if the numbers form one run without aliases. */
  readonly uniform?: Uniform
}

/** The record of a change, and the state of the numbers that was recorded with it. */
export interface RecordedChange extends RecordedRuns {
  readonly id: string
}

const NO_RUNS: RecordedRuns = { count: 0, runs: 0, haveAliases: false }

const COLUMNS = [...ATTRIBUTE_NAMES, 'load'] as const

const CHANGEABLE = [...ATTRIBUTE_NAMES, 'alias'] as const

// The record is inserted by the statement that reads the numbers, or after it. So it has a later identifier and a later time than
// every change that the statement sees. In a run, place and rank increase together. Aliases that count up share a line: their
// sign, their width, and the alias of place 0. Any other alias is its own line.
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

// The planner has no statistics of a new record. So a run is looked up for each number of the change, because the planner expects
// about as many; and the result is materialized, because the planner could otherwise compare every number with every run.
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

/**
 * Maximum count of runs that are found as sections of the index. For more, the planner could search all runs for every number.
 */
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
    alias: `case when run.count = 1 or run.alias is null then run.alias else ${countedOn('run.alias', RECORDED[strategy].place)} end`
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
  const { numbers } = input
  const strategy = strategyFor(numbers.count)
  // Reading a million numbers takes a fifth of the time that it takes to find their runs.
  const uniform = strategy === 'scan' ? await findUniform(query, input, actor) : undefined
  if (uniform !== undefined && await countUniform(query, uniform) === numbers.count) {
    return { id: await insertOneRun(query, uniform), count: numbers.count, runs: 1, haveAliases: false, uniform }
  }
  const { rows: [recorded] } = await query<RecordedChange>(
    RECORD_RUNS[strategy], { ...changeValues(input, actor), ...rangeValues('numbers', numbers) })
  return { id: '', ...NO_RUNS, ...recorded }
}

/**
 * Deletes the numbers of a long range before they are recorded, if they form one run without aliases, as they nearly always do.
 * Returns the identifier of the record, or `undefined`, having done nothing.
 */
export async function deleteLongRange (query: Query, input: ChangeInput, actor: Actor): Promise<string | undefined> {
  const uniform = strategyFor(input.numbers.count) === 'scan' ? await findUniform(query, input, actor) : undefined
  if (uniform === undefined) return undefined
  await query('savepoint before_deleting')
  if (await deleteUniform(query, uniform) === input.numbers.count) return await insertOneRun(query, uniform)
  await query('rollback to before_deleting')
  return undefined
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

/** Restores the former values of the numbers of an update, and returns how many were as the update had left them. */
export async function restoreUpdated (query: Query, id: string, input: ChangeInput): Promise<number | null> {
  const recorded = await countRuns(query, id)
  const strategy = strategyOf(recorded)
  if (strategy === 'scan') await query(READ_RANGES)
  return await rewrite(query, id, input, recorded, after(strategy, input.newValues), before(strategy))
}

/** Inserts the numbers of a deletion as they were, and returns their count. */
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
  const { uniform } = recorded
  const values = valuesOf(id, input)
  const mayCollide = recorded.haveAliases && input.aliases !== undefined && recorded.count > 1
  const set = CHANGEABLE.filter(column => input.newValues[column] !== undefined)
    .map(column => `${column} = ${column === 'alias' && mayCollide ? 'null' : to[column]}`)
  if (uniform !== undefined) {
    return (await query(
      `update :"schema".numbers set ${set.join(', ')} where ${uniform.condition}`, { ...uniform.values, ...values })).rowCount
  }
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
