import type { Query } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'
import type { Series } from '../loads/plan.js'
import { rowsInSeries, searchFor, sequenceParameters, type LookupStrategy } from './range-sql.js'

/** How many existing rows are counted, and how many are looked through for runs: answered in milliseconds. */
const COUNTED = 100_000
const SEARCHED = 10_000
const LISTED_RUNS = 3

/** Rows that stand in the way of a series. */
export interface Conflicts {
  readonly count: number
  /** There are at least `count` and perhaps more. */
  readonly isMore: boolean
  /** The first few runs of consecutive values. */
  readonly runs: ReadonlyArray<{ readonly first: string, readonly last: string }>
  /** There are more runs, or the last one goes on. */
  readonly isCut: boolean
}

interface RunRow {
  readonly first: string
  readonly last: string
  readonly total: number
}

const SERIES = { first: 1, last: 2, count: 1, sequence: 2 }

// A run is where value and rank grow together.
function runsStatement (column: 'number' | 'alias', search: LookupStrategy): string {
  const existing = rowsInSeries(column, search, SERIES)
  return `
    with searched as (
      select ${column} as value, row_number() over (order by ${column}) as rank
      from ${existing}
      order by ${column}
      limit ${SEARCHED}
    )
    select min(value) as first, max(value) as last,
      (select count(*) from (select from ${existing} limit ${COUNTED + 1}) as counted)::integer as total
    from searched
    group by case when value ~ '^[+]?[0-9]+$' then value::numeric end - rank
    order by first
    limit ${LISTED_RUNS + 1}`
}

const FIND_RUNS = {
  number: { probe: runsStatement('number', 'probe'), scan: runsStatement('number', 'scan') },
  alias: { probe: runsStatement('alias', 'probe'), scan: runsStatement('alias', 'scan') }
}

/** The numbers or aliases of a series that exist, `undefined` for none. */
export async function findConflicts (
  query: Query, schema: string, column: 'number' | 'alias', series: Series
): Promise<Conflicts | undefined> {
  const search = searchFor(series.count)
  const parameters = search === 'probe' ? [series.count, ...sequenceParameters(series)] : [series.first, series.last]
  return conflictsFrom((await query<RunRow>(inSchema(schema, FIND_RUNS[column][search]), parameters)).rows)
}

function conflictsFrom (rows: readonly RunRow[]): Conflicts | undefined {
  const [row] = rows
  if (row === undefined) return undefined
  return {
    count: Math.min(row.total, COUNTED),
    isMore: row.total > COUNTED,
    runs: rows.slice(0, LISTED_RUNS),
    isCut: rows.length > LISTED_RUNS || row.total > SEARCHED
  }
}
