import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import { rangeValues } from './range-sql.js'
import { walkedRange } from './walked-range.js'

/** How many numbers of a range have a class and a customer; without a customer, they are in the pool. */
export interface Holder {
  readonly class: number
  readonly className: string
  readonly customer: number | null
  readonly customerName: string | null
  readonly count: number
}

const LIST_HOLDERS = `
  select held.class, classes.name as "className", held.customer, customers.name as "customerName", held.count
  from (
    select class, customer, count(*)::integer as count from ${walkedRange('number', 'class, customer')} group by class, customer
  ) as held
    join :"schema".classes on classes.id = held.class
    left join :"schema".customers on customers.id = held.customer
  order by held.count desc, held.class, held.customer nulls first`

/** Returns the classes and customers of the numbers of a range, those of most numbers first. */
export async function listHolders (query: Query, numbers: NumberRange): Promise<Holder[]> {
  return (await query<Holder>(LIST_HOLDERS, rangeValues('numbers', numbers))).rows
}
