import type { Query } from '../database/connection.js'
import { inSchema } from '../database/schema-name.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import type { Series } from '../loads/plan.js'
import type { LoadRecord } from './loads.js'
import { isOfBigints, memberOf, searchFor, SEQUENCE_PARAMETERS, sequenceParameters } from './range-sql.js'

/** Consecutive numbers that are not as the load made them. */
export interface ChangedNumbers {
  readonly first: string
  readonly last: string
  readonly count: number
  readonly reason: 'changed' | 'gone'
}

/** What one customer gets back. */
export interface Reversal {
  readonly customer: number
  readonly name: string
  readonly amount: string
}

/** The numbers and aliases that a load made. */
export interface MadeSeries {
  readonly numbers: Series
  readonly aliases: Series | undefined
}

const LISTED_CHANGES = 100

/** Every number of so many digits is a bigint. */
const BIGINT_DIGITS = 18

// Whether a row of numbers is as the load ($1) made it, but for its alias.
const IS_AS_MADE = `
  load = $1 and class = $2 and ingroup = $3 and customer is not distinct from $4::integer
    and region is not distinct from $5::integer and stype = $6`

const ALIAS_PARAMETER = 7
const NUMBER_PARAMETER = ALIAS_PARAMETER + SEQUENCE_PARAMETERS
const COUNT_PARAMETER = NUMBER_PARAMETER + SEQUENCE_PARAMETERS

const NUMBERS_ARE_BIGINTS = `octet_length($12) <= ${BIGINT_DIGITS}`

// The place of a number in its load. Numbers too long for a bigint are told apart by their last seven digits, as a load
// has at most a million of them. The planner knows the first number ($12), so of the CASE one branch is left.
const PLACE = `(case when ${NUMBERS_ARE_BIGINTS} then number::bigint - $12::bigint
      else (right(number, 7)::bigint - right($12, 7)::bigint + 10000000) % 10000000 end)`

const MADE = `
  select place, ${memberOf(ALIAS_PARAMETER)} as alias, ${memberOf(NUMBER_PARAMETER)} as number
  from (select generate_series(0, $${COUNT_PARAMETER}::integer - 1) as place) as series`

// Whether a row has the alias that the load gave it. Where both are bigints, and aliases do not begin with a zero, the distance
// to the number is compared, as working out a text costs twice as much. A text that is as long, does not begin with a
// zero (of 0x…), a sign or a space, and reads as that bigint is that bigint's only text.
const HAS_ITS_ALIAS = `case
      when ${isOfBigints(ALIAS_PARAMETER)} and ${NUMBERS_ARE_BIGINTS}
        then octet_length(alias) = $10::integer and alias::"char" > '0'
          and alias::bigint - number::bigint = $9::bigint - $12::bigint
      else alias is not distinct from ${memberOf(ALIAS_PARAMETER, PLACE)} end`

const DELETE_NUMBERS = {
  scan: `
    delete from :"schema".numbers
    where number >= $12 and number <= $13 and octet_length(number) = octet_length($12)
      and ${IS_AS_MADE}
      and ${HAS_ITS_ALIAS}`,
  probe: `
    delete from :"schema".numbers
    using (${MADE}) as made
    where numbers.number = made.number and ${IS_AS_MADE} and numbers.alias is not distinct from made.alias`
}

const FIND_CHANGES = `
  with made as (${MADE}), changed as (
    select place, made.number,
      case when load = $1 then 'changed' else 'gone' end as reason
    from made left join :"schema".numbers on numbers.number = made.number
    where (${IS_AS_MADE} and numbers.alias is not distinct from made.alias) is not true
  ), run as (
    select *, place - row_number() over (partition by reason order by place) as run from changed
  )
  select min(number) as first, max(number) as last, count(*)::integer as count, reason
  from run
  group by reason, run
  order by first
  limit ${LISTED_CHANGES}`

// In the order of the charges, which is from the root down.
const LOCK_PAYERS = `
  select from :"schema".customers join :"schema".transactions on transactions.customer = customers.id
  where transactions.load = $1
  order by transactions.id
  for no key update of customers`

const REVERSE_CHARGES = `
  with reversed as (
    update :"schema".customers set balance = customers.balance - transactions.amount
    from :"schema".transactions
    where transactions.load = $1 and transactions.customer = customers.id
    returning transactions.*, customers.name, customers.balance
  ), recorded as (
    insert into :"schema".transactions (customer, load, text, quantity, unit_price, amount, balance_after)
    select customer, load, format('Reversal of load %s: %s', load, text), - quantity, unit_price, - amount, balance
    from reversed
    order by id
  )
  select customer, name, - amount as amount from reversed order by id desc`

const QUOTE_REVERSALS = `
  select transactions.customer, customers.name, - transactions.amount as amount
  from :"schema".transactions join :"schema".customers on customers.id = transactions.customer
  where transactions.load = $1
  order by transactions.id desc`

const MARK_UNDONE = 'update :"schema".loads set undone_at = now(), undone_by = $2 where id = $1'

/**
 * Deletes, in one statement, the numbers that are as the load made them, and returns how many they were; `null` where a
 * number or an alias of the load is none any more, which fails the statement.
 */
export async function deleteNumbers (
  query: Query, schema: string, load: LoadRecord, { numbers, aliases }: MadeSeries
): Promise<number | null> {
  const search = searchFor(numbers.count)
  const parameters = [
    ...referencesOf(load), ...sequenceParameters(aliases),
    ...search === 'scan' ? [numbers.first, numbers.last] : [...sequenceParameters(numbers), numbers.count]
  ]
  // The whole range is read, which a bitmap is faster at than a walk along the index.
  if (search === 'scan') await query('set local enable_bitmapscan = on')
  try {
    return (await query(inSchema(schema, DELETE_NUMBERS[search]), parameters)).rowCount
  } catch (error) {
    if (sqlStateOf(error) !== SQLSTATE.invalidTextRepresentation) throw error
    return null
  }
}

/** Where the numbers of a load are not as it made them, as runs; the first hundred of these. */
export async function findChanges (
  query: Query, schema: string, load: LoadRecord, { numbers, aliases }: MadeSeries
): Promise<ChangedNumbers[]> {
  const { rows } = await query<ChangedNumbers>(inSchema(schema, FIND_CHANGES), [
    ...referencesOf(load), ...sequenceParameters(aliases), ...sequenceParameters(numbers), numbers.count
  ])
  return rows
}

/** What reversing the load's charges would give back, the customer first. */
export async function quoteReversals (query: Query, schema: string, load: string): Promise<Reversal[]> {
  return (await query<Reversal>(inSchema(schema, QUOTE_REVERSALS), [load])).rows
}

/** Gives back what the load charged, by a reversing transaction for each of its transactions. */
export async function reverseCharges (query: Query, schema: string, load: string): Promise<Reversal[]> {
  await query(inSchema(schema, LOCK_PAYERS), [load])
  return (await query<Reversal>(inSchema(schema, REVERSE_CHARGES), [load])).rows
}

export async function markUndone (query: Query, schema: string, load: string, person: string | null): Promise<void> {
  await query(inSchema(schema, MARK_UNDONE), [load, person])
}

function referencesOf (load: LoadRecord): unknown[] {
  return [load.id, load.class, load.ingroup, load.customer, load.region, load.stype]
}
