import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import { findStrategy } from './lookup-strategy.js'
import { IN_NUMBERS, rangeValues, rowsInRange, type LookupStrategy } from './range-sql.js'

/** How many conflicts are counted, and how many are searched for runs, so that the reply takes milliseconds. */
const MAX_COUNTED = 100_000
const MAX_SEARCHED = 10_000
const MAX_LISTED_RUNS = 3

/** The numbers or aliases of a range that exist. */
export interface Conflicts {
  readonly count: number
  /** There are at least `count` and perhaps more. */
  readonly isMore: boolean
  /** The first few runs of consecutive values. */
  readonly runs: ReadonlyArray<{ readonly first: string, readonly last: string }>
  /** There are more runs, or the last one is longer. */
  readonly isCut: boolean
}

interface RunRow {
  readonly first: string
  readonly last: string
  readonly total: number
}

// In a run, value and rank increase together.
function runsStatement (column: 'number' | 'alias', strategy: LookupStrategy, condition = 'true'): string {
  // What is looked up member by member is looked up once, in the order of the members.
  const isProbed = strategy === 'probe'
  const rows = `${rowsInRange(column, strategy)} and ${condition}`
  const conflicts = isProbed ? 'conflict' : rows
  return `
    with ${isProbed ? `conflict as materialized (select ${column} from ${rows} limit ${MAX_COUNTED + 1}), ` : ''}searched as (
      select ${column} as value, row_number() over (order by ${column}) as rank
      from ${conflicts}
      order by ${column}
      limit ${MAX_SEARCHED}
    )
    select min(value) as first, max(value) as last,
      (select count(*) from (select from ${conflicts} limit ${MAX_COUNTED + 1}) as counted)::integer as total
    from searched
    group by case when value ~ '^[+]?[0-9]+$' then value::numeric end - rank
    order by first
    limit ${MAX_LISTED_RUNS + 1}`
}

// Not EXISTS, of which the planner would make a join that compares each alias with all numbers of the range.
const OF_OTHERS = `(select ${IN_NUMBERS} from :"schema".numbers where numbers.alias = aliases.alias) is not true`

const FIND_RUNS = {
  number: { probe: runsStatement('number', 'probe'), scan: runsStatement('number', 'scan') },
  alias: { probe: runsStatement('alias', 'probe'), scan: runsStatement('alias', 'scan') },
  aliasOfOthers: { probe: runsStatement('alias', 'probe', OF_OTHERS), scan: runsStatement('alias', 'scan', OF_OTHERS) }
}

/** Returns the numbers or aliases of a range that exist, `undefined` if none does. */
export async function findConflicts (query: Query, column: 'number' | 'alias', range: NumberRange): Promise<Conflicts | undefined> {
  const values = { numbers_count: range.count, ...rangeValues(column === 'number' ? 'numbers' : 'aliases', range) }
  return conflictsOf(await query<RunRow>(FIND_RUNS[column][await findStrategy(query, column, range)], values))
}

/** Returns the aliases of a range that numbers outside of the range `numbers` have, `undefined` if none does. */
export async function findAliasesOfOthers (
  query: Query, aliases: NumberRange, numbers: NumberRange
): Promise<Conflicts | undefined> {
  const values = { ...rangeValues('numbers', numbers), ...rangeValues('aliases', aliases) }
  return conflictsOf(await query<RunRow>(FIND_RUNS.aliasOfOthers[await findStrategy(query, 'alias', aliases)], values))
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
