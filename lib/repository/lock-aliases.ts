import type { Database, Query } from '../database/database.js'
import { digitsAfter, splitSign, type NumberRange } from '../numbers/number-range.js'

/** Count of last digits: all aliases that differ only in these share a lock. */
const FREE_DIGITS = 4

/**
 * Maximum count of locks, because PostgreSQL's table of locks has room for some thousands. A range of a million aliases takes
 * 101.
 */
const MAX_LOCKS = 256

/** Taken instead of more locks, so that scattered aliases at least wait for other scattered ones. */
const SCATTERED = ['scattered']

/** After the locks, the limit is the rest of the time for locks, but at least this. */
const MIN_LOCK_TIMEOUT_MS = 1_000

// PostgreSQL limits the wait for each lock, so the total wait would have no limit.
const setRemaining = (least: number): string => `
  set_config('lock_timeout', greatest(
    least(${least}, :limit::integer), :limit::integer - extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::integer::text, true)`

const LOCK = `
  select ${setRemaining(1)},
    pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'fastify-telco-numbers aliases', :schema::text, name), 0)),
    ${setRemaining(MIN_LOCK_TIMEOUT_MS)}
  from unnest(:names::text[]) as name`

const FIND_FORMER = `
  select alias as first, count from :"schema".changed_runs
  where change = any (:ids::bigint[]) and alias ~ '^[+]?[0-9]{1,32}$'
  limit ${MAX_LOCKS + 1}`

/** Consecutive aliases. */
type Aliases = Pick<NumberRange, 'first' | 'count'>

/**
 * Waits, in a fixed order, for other transactions that write these aliases: if their numbers and aliases overlap in opposite
 * orders, they would otherwise deadlock, which PostgreSQL takes a second to detect. It must precede all access to the numbers.
 * The waits for these and later locks take `lockTimeout` together, or a second longer.
 */
export async function lockAliases (
  query: Query, { schema, limits: { lockTimeout } }: Database, ranges: ReadonlyArray<Aliases | undefined>
): Promise<void> {
  const names = namesOf(ranges)
  if (names.length > 0) await query(LOCK, { schema, names, limit: lockTimeout })
}

/** As {@link lockAliases}, for the aliases that numbers had before these changes. */
export async function lockFormerAliases (query: Query, database: Database, ids: readonly string[]): Promise<void> {
  await lockAliases(query, database, (await query<Aliases>(FIND_FORMER, { ids })).rows)
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
