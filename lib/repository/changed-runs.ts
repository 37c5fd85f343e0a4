import type { Query } from '../database/database.js'
import type { ChangedNumbers } from '../errors.js'
import type { Values } from '../database/statement.js'
import { blocksOf, isInBlock } from './blocks.js'
import { changeValues, INSERT_CHANGE, type ChangeInput, type NewValues } from './changes.js'
import { ATTRIBUTE_NAMES, ATTRIBUTE_TYPES, NUMBER_COLUMNS } from './columns.js'
import { differing, joinNumber, RUNS_OF_CHANGED } from './differences.js'
import type { Actor } from './insert-load.js'
import { findEnds, IS_LOCATED, IS_MEMBER } from './located-range.js'
import { IN_NUMBERS, IS_NUMBER, memberAfter, memberOf, placeOf, rangeValues } from './range-sql.js'
import { countUniform, deleteUniform, findUniform, insertOneRun, type Uniform } from './uniform-range.js'
import { walkedRange } from './walked-range.js'

/** The recorded state of the numbers before a change. */
export interface RecordedRuns {
  /** How many numbers of the range exist. */
  readonly count: number
  readonly runs: number
  readonly haveAliases: boolean
  /** Set if the numbers form one run without aliases, and are where they were written. */
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
const RECORD_RUNS = `
    with found as materialized (
      select number, alias, ${NUMBER_COLUMNS}, ${placeOf('number', ':numbers_first::text')} as place
      from ${walkedRange('number', `number, alias, ${NUMBER_COLUMNS}`)}
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

/** The recorded runs, once for each of their blocks. */
const RUNS_IN_BLOCKS = `(
    select changed_runs.*, block from :"schema".changed_runs cross join lateral ${blocksOf('changed_runs')}
    where change = :id::bigint
    offset 0
  ) as run`

// The planner has no statistics of a new record, and would look up the one run for each number if it were not materialized.
const ONE_RUN = 'with run as materialized (select * from :"schema".changed_runs where change = :id::bigint)'

/** How recorded numbers are found in `numbers`: one run where it was written, or by the index. */
const RECORDED = {
  located: { runs: ONE_RUN, from: 'run', matches: `${IS_LOCATED} and ${IS_NUMBER}` },
  members: { runs: ONE_RUN, from: 'run', matches: IS_MEMBER },
  inBlocks: { runs: '', from: RUNS_IN_BLOCKS, matches: isInBlock('run') }
}

/** The numbers of the recorded runs, whether they exist or not. */
const MEMBERS = `
  select changed_runs.*, ${memberAfter('first', 'step')} as member
  from :"schema".changed_runs cross join lateral generate_series(0, count - 1) as step
  where change = :id::bigint`

/** SQL for each column of a recorded number. */
type State = Readonly<Record<typeof COLUMNS[number] | 'alias', string>>

const PLACE_IN_CHANGE = placeOf('number', ':numbers_first::text')

/** A recorded number before the change; `number` is SQL for it. */
function before (number = 'numbers.number'): State {
  return {
    class: 'run.class',
    ingroup: 'run.ingroup',
    customer: 'run.customer',
    region: 'run.region',
    stype: 'run.stype',
    load: 'run.load',
    alias: memberAfter('run.alias', placeOf(number, 'run.first'))
  }
}

/** The recorded number after the change; the values and the new aliases are named as in {@link valuesOf}. */
function after (newValues: NewValues): State {
  const values = ATTRIBUTE_NAMES.filter(column => newValues[column] !== undefined).map(column => (
    [column, `:new_${column}::${ATTRIBUTE_TYPES[column]}`] as const))
  return {
    ...before(),
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
  insert into :"schema".numbers (number, alias, ${NUMBER_COLUMNS})
  select member, ${before('member').alias}, ${NUMBER_COLUMNS} from (${MEMBERS}) as run
  order by member`

const PLACE_OF_MEMBER = placeOf('run.member', ':numbers_first::text')

/** The number that has the former alias of a recorded one. */
const OTHER = `(select ${IN_NUMBERS} from :"schema".aliases where aliases.alias = ${before('run.member').alias})`

const NUMBERS_NOW = joinNumber('run.member')

const COMPARE_DELETED = `
  select 0 as position, member as number, ${PLACE_OF_MEMBER} as place, 'exists' as reason,
    case when numbers.number is null then '{alias}' else '{}' end::text[] as differs
  from run ${NUMBERS_NOW}
  where numbers.number is not null or ${OTHER} is not null`

function compareUpdated (newValues: NewValues): string {
  const { load, ...state } = after(newValues)
  const conditions = Object.fromEntries(Object.entries(state).map(([column, value]) => [column, isSame(column, value)]))
  const isLoaded = isSame('load', load)
  return `
    select 0 as position, member as number, ${PLACE_OF_MEMBER} as place,
      case when not (${isLoaded}) then 'gone' when ${isIn(state)} then 'exists' else 'changed' end as reason,
      case when not (${isLoaded}) then '{}' when ${isIn(state)} then '{alias}' else ${differing(conditions)} end as differs
    from run ${NUMBERS_NOW}
    where not (${isLoaded} and ${isIn(state)})${newValues.alias === undefined ? '' : ` or ${OTHER} = false`}`
}

/** Records a change, and the numbers of its range as they are. */
export async function insertChange (query: Query, input: ChangeInput, actor: Actor): Promise<RecordedChange> {
  const { numbers } = input
  // Reading a million numbers takes a fifth of the time that it takes to find their runs.
  const uniform = await findUniform(query, input, actor)
  if (uniform !== undefined && await countUniform(query, uniform) === numbers.count) {
    return { id: await insertOneRun(query, uniform), count: numbers.count, runs: 1, haveAliases: false, uniform }
  }
  const { rows: [recorded] } = await query<RecordedChange>(
    RECORD_RUNS, { ...changeValues(input, actor), ...rangeValues('numbers', numbers) })
  return { id: '', ...NO_RUNS, ...recorded }
}

/**
 * Deletes the numbers of a long range before they are recorded, if they form one run without aliases, as they nearly always do.
 * Returns the identifier of the record, or `undefined`, having done nothing.
 */
export async function deleteLongRange (query: Query, input: ChangeInput, actor: Actor): Promise<string | undefined> {
  const uniform = await findUniform(query, input, actor)
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
  const { runs, from, matches } = RECORDED[lookUpOf(recorded)]
  return (await query(
    `${runs} delete from :"schema".numbers using ${from} where ${matches} and ${isIn(before())}`, valuesOf(id, input))).rowCount
}

/** As {@link deleteRecorded}, for an update. */
export async function updateRecorded (
  query: Query, id: string, input: ChangeInput, recorded: RecordedRuns
): Promise<number | null> {
  const { uniform } = recorded
  const { newValues } = input
  if (uniform === undefined) return await rewrite(query, id, input, recorded, before(), after(newValues))
  return (await query(
    `update :"schema".numbers set ${assignments(newValues, after(newValues))} where ${uniform.condition}`,
    { ...valuesOf(id, input), ...uniform.values })).rowCount
}

/** Restores the former values of the numbers of an update, and returns how many were as the update had left them. */
export async function restoreUpdated (query: Query, id: string, input: ChangeInput): Promise<number | null> {
  const recorded = await countRuns(query, id)
  const left = after(input.newValues)
  const ends = recorded.runs === 1 ? await findEnds(query, rangeValues('numbers', input.numbers)) : undefined
  if (ends !== undefined) {
    await query('savepoint before_rewriting')
    const count = await rewrite(query, id, input, recorded, left, before(), ends)
    if (count === recorded.count) return count
    await query('rollback to before_rewriting')
  }
  return await rewrite(query, id, input, recorded, left, before())
}

/** Inserts the numbers of a deletion as they were, and returns their count. */
export async function restoreDeleted (query: Query, id: string): Promise<number | null> {
  return (await query(RESTORE_DELETED, { id })).rowCount
}

/** Returns the first hundred runs of numbers that are not as a change left them. */
export async function findDifferences (query: Query, id: string, input: ChangeInput): Promise<ChangedNumbers[]> {
  const compared = input.kind === 'delete' ? COMPARE_DELETED : compareUpdated(input.newValues)
  return (await query<ChangedNumbers>(
    `with run as (${MEMBERS}), changed as (${compared}), ${RUNS_OF_CHANGED}`, valuesOf(id, input))).rows
}

/** SQL that sets the columns of a change; the alias may also be `NULL`. */
function assignments (newValues: NewValues, to: State): string {
  return CHANGEABLE.filter(column => newValues[column] !== undefined).map(column => `${column} = ${to[column]}`).join(', ')
}

// The index of aliases is checked row by row, so an alias that another number of the range still has would conflict.
async function rewrite (
  query: Query, id: string, input: ChangeInput, recorded: RecordedRuns, left: State, to: State, ends?: Values
): Promise<number | null> {
  const { runs, from, matches } = RECORDED[ends === undefined ? lookUpOf(recorded) : 'located']
  const values = { ...valuesOf(id, input), ...ends }
  const mayCollide = recorded.haveAliases && input.aliases !== undefined && recorded.count > 1
  const set = assignments(input.newValues, mayCollide ? { ...to, alias: 'null' } : to)
  const { rowCount } = await query(
    `${runs} update :"schema".numbers set ${set} from ${from} where ${matches} and ${isIn(left)}`, values)
  if (mayCollide) {
    await query(`update :"schema".numbers set alias = ${to.alias} from ${RUNS_IN_BLOCKS} where ${isInBlock('run')}`, values)
  }
  return rowCount
}

function lookUpOf ({ runs }: RecordedRuns): 'members' | 'inBlocks' {
  return runs === 1 ? 'members' : 'inBlocks'
}

async function countRuns (query: Query, id: string): Promise<RecordedRuns> {
  const { rows: [recorded] } = await query<RecordedRuns>(COUNT_RUNS, { id })
  return { ...NO_RUNS, ...recorded }
}

function valuesOf (id: string, { numbers, aliases, newValues }: ChangeInput): Values {
  return {
    id, ...rangeValues('numbers', numbers), ...rangeValues('aliases', aliases),
    ...Object.fromEntries(ATTRIBUTE_NAMES.map(column => [`new_${column}`, newValues[column]]))
  }
}
