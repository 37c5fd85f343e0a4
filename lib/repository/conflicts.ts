import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import { IN_NUMBERS, rangeValues } from './range-sql.js'
import { walkedRange } from './walked-range.js'

/** Maximum of the conflicts that are counted, and of those that are searched for runs, so that the reply takes milliseconds. */
const MAX_COUNTED = 100_000
const MAX_SEARCHED = 10_000
const MAX_LISTED_RUNS = 3

/** The numbers or aliases of a range that exist. */
export interface Conflicts {
  readonly count: number
  /** Whether there are more than `count`. */
  readonly isMore: boolean
  /** The first few runs of consecutive values. */
  readonly runs: ReadonlyArray<{ readonly first: string, readonly last: string }>
  /** Whether there are more runs, or the last one is longer. */
  readonly isCut: boolean
}

interface RunRow {
  readonly first: string
  readonly last: string
  readonly total: number
}

// In a run, value and rank increase together. Members of a range are digits, even if SQL has inserted other values.
function runsStatement (column: 'number' | 'alias', condition = 'true', selected: string = column): string {
  return `
    with conflict as materialized (
      select ${column} as value from ${walkedRange(column, selected)} where ${condition} limit ${MAX_COUNTED + 1}
    ), searched as (
      select value, row_number() over (order by value) as rank from conflict order by value limit ${MAX_SEARCHED}
    )
    select min(value) as first, max(value) as last, (select count(*) from conflict)::integer as total
    from searched
    group by value::numeric - rank
    order by first
    limit ${MAX_LISTED_RUNS + 1}`
}

// Not EXISTS, which the planner would turn into a join that compares each alias with all numbers of the range. An alias whose
// number no longer exists, as after its partition was detached, is also one of others.
const OF_OTHERS = `(
  select ${IN_NUMBERS} from :"schema".numbers where numbers.number = aliases.number and numbers.alias = aliases.alias) is not true`

const FIND_RUNS = {
  number: runsStatement('number'), alias: runsStatement('alias'), aliasOfOthers: runsStatement('alias', OF_OTHERS, 'alias, number')
}

/** Returns the numbers or aliases of a range that exist, or `undefined` if none does. */
export async function findConflicts (query: Query, column: 'number' | 'alias', range: NumberRange): Promise<Conflicts | undefined> {
  return conflictsOf(await query<RunRow>(FIND_RUNS[column], rangeValues(column === 'number' ? 'numbers' : 'aliases', range)))
}

/** Returns the aliases of a range that numbers outside the range `numbers` have, or `undefined` if there are none. */
export async function findAliasesOfOthers (
  query: Query, aliases: NumberRange, numbers: NumberRange
): Promise<Conflicts | undefined> {
  const values = { ...rangeValues('numbers', numbers), ...rangeValues('aliases', aliases) }
  return conflictsOf(await query<RunRow>(FIND_RUNS.aliasOfOthers, values))
}

function conflictsOf ({ rows }: { readonly rows: readonly RunRow[] }): Conflicts | undefined {
  const [row] = rows
  if (row === undefined) return undefined
  return {
    count: Math.min(row.total, MAX_COUNTED),
    isMore: row.total > MAX_COUNTED,
    runs: rows.slice(0, MAX_LISTED_RUNS),
    isCut: rows.length > MAX_LISTED_RUNS || row.total > MAX_SEARCHED
  }
}
