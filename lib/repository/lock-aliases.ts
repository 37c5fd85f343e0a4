import type { Query } from '../database/database.js'
import { digitsAfter, splitSign, type NumberRange } from '../numbers/number-range.js'

/** A lock is for all aliases that differ in their last digits only. */
const FREE_DIGITS = 4

/** Of PostgreSQL's table of locks, which has room for some thousands. A range of a million aliases takes 101. */
const MAX_LOCKS = 256

/** Taken instead of more locks, so that scattered aliases wait for other scattered ones at least. */
const SCATTERED = ['scattered']

const LOCK = `
  select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'fastify-telco-numbers aliases', :schema::text, name), 0))
  from unnest(:names::text[]) with ordinality as locks (name, place)
  order by place`

const FIND_FORMER = `
  select alias as first, count from :"schema".changed_runs
  where change = any (:ids::bigint[]) and alias ~ '^[+]?[0-9]{1,32}$'
  limit ${MAX_LOCKS + 1}`

/** Consecutive aliases. */
type Aliases = Pick<NumberRange, 'first' | 'count'>

/**
 * Waits for other transactions that write these aliases, in one order: if their numbers and aliases overlap in opposite orders,
 * they would otherwise end in deadlocks, each of which takes PostgreSQL a second to find. It must come before the numbers are
 * touched.
 */
export async function lockAliases (query: Query, schema: string, ranges: ReadonlyArray<Aliases | undefined>): Promise<void> {
  const names = namesOf(ranges)
  if (names.length > 0) await query(LOCK, { schema, names })
}

/** As {@link lockAliases}, for the aliases that numbers had before these changes. */
export async function lockFormerAliases (query: Query, schema: string, ids: readonly string[]): Promise<void> {
  await lockAliases(query, schema, (await query<Aliases>(FIND_FORMER, { ids })).rows)
}

function namesOf (ranges: ReadonlyArray<Aliases | undefined>): string[] {
  const names = new Set<string>()
  for (const range of ranges) {
    if (range === undefined) continue
    const { sign, digits } = splitSign(range.first)
    const [head, tail] = [digits.slice(0, -FREE_DIGITS), digits.slice(-FREE_DIGITS)]
    const last = Math.floor((Number(tail) + range.count - 1) / 10 ** FREE_DIGITS)
    for (let step = 0; step <= last; step++) names.add(`${sign}${digits.length} ${digitsAfter(head, step) ?? ''}`)
    if (names.size > MAX_LOCKS) return SCATTERED
  }
  return [...names].sort()
}
