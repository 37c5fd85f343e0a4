import type { Query } from '../database/database.js'
import type { Values } from '../database/statement.js'
import { changeValues, INSERT_CHANGE, type ChangeInput } from './changes.js'
import { ATTRIBUTE_TYPES, NUMBER_COLUMNS } from './columns.js'
import { isUntouched } from './differences.js'
import type { Actor } from './insert-load.js'
import { findEnds, IS_LOCATED, IS_MEMBER, MIN_LOCATED } from './located-range.js'
import { IS_NUMBER, rangeValues } from './range-sql.js'

/** The condition for numbers of a range that equal the first one in all other columns, with its values. */
export interface Uniform {
  readonly condition: string
  readonly values: Values
}

interface FirstRow extends Values {
  readonly isUntouched: boolean
}

const TYPES = { ...ATTRIBUTE_TYPES, load: 'bigint' } as const

const COLUMNS = Object.keys(TYPES)

const FIND_FIRST = `
  select ${NUMBER_COLUMNS}, xmin::text, ${isUntouched('numbers.load')} is true as "isUntouched"
  from :"schema".numbers where number = :numbers_first::text and alias is null`

const IS_AS_FIRST = `alias is null and ${Object.entries(TYPES).map(([column, type]) => `numbers.${column} is not distinct from :first_${column}::${type}`).join(' and ')}`

// A load inserts only numbers. Comparing its transaction takes a tenth of the time that checking digits takes.
const IS_OF_LOAD = 'numbers.xmin = :first_xmin::text::xid'

const INSERT_ONE_RUN = `
  with change as (${INSERT_CHANGE} returning id)
  insert into :"schema".changed_runs (change, first, last, count, ${NUMBER_COLUMNS})
  select id, :numbers_first, :numbers_last, :numbers_count,
    ${Object.entries(TYPES).map(([column, type]) => `:first_${column}::${type}`).join(', ')}
  from change
  returning change as id`

/** Returns the condition for numbers of a long range that equal the first one in all other columns, if it has no alias. */
export async function findUniform (query: Query, input: ChangeInput, actor: Actor): Promise<Uniform | undefined> {
  if (input.numbers.count < MIN_LOCATED) return undefined
  const range = rangeValues('numbers', input.numbers)
  const ends = await findEnds(query, range)
  const values = { ...changeValues(input, actor), ...range, ...ends }
  const { rows: [first] } = await query<FirstRow>(FIND_FIRST, values)
  if (first === undefined) return undefined
  return {
    condition: `${ends === undefined ? IS_MEMBER : IS_LOCATED} and ${IS_AS_FIRST} and ${first.isUntouched ? IS_OF_LOAD : IS_NUMBER}`,
    values: { ...values, ...Object.fromEntries([...COLUMNS, 'xmin'].map(name => [`first_${name}`, first[name]])) }
  }
}

export async function countUniform (query: Query, { condition, values }: Uniform): Promise<number> {
  const { rows: [row] } = await query<{ count: number }>(
    `select count(*)::integer as count from :"schema".numbers where ${condition}`, values)
  return Number(row?.count)
}

export async function deleteUniform (query: Query, { condition, values }: Uniform): Promise<number | null> {
  return (await query(`delete from :"schema".numbers where ${condition}`, values)).rowCount
}

/** Records a change of the numbers of a range, all of which equalled the first one, and returns its identifier. */
export async function insertOneRun (query: Query, { values }: Uniform): Promise<string> {
  const { rows: [row] } = await query<{ id: string }>(INSERT_ONE_RUN, values)
  return String(row?.id)
}
