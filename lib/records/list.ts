import type { Database } from '../database/database.js'
import { isBigint } from '../database/text.js'
import { InvalidArgumentError } from '../errors.js'
import { assertStorable } from '../people/actor.js'
import { selectChanges, type ChangeRecord } from '../repository/changes.js'
import { selectLoads, type LoadRecord } from '../repository/loads.js'
import type { RecordFilter } from '../repository/records.js'

const MAX_INTEGER = 2_147_483_647

/** The filters of loads or changes to list, all of which must match. */
export interface ListRecordsOptions {
  /** Maximum count of records, 20 by default. */
  readonly limit?: number
  /** Identifier of a load or change: only earlier records are listed. */
  readonly before?: string
  /** Username of the caller. */
  readonly person?: string
  /** A customer whose numbers they concern; for a change, the customer before or after it. */
  readonly customer?: number
  /** A number that they concern. */
  readonly number?: string
  /** A day of UTC: `2026-11-29`. */
  readonly day?: string
}

/**
 * Returns loads, the latest first.
 * @throws InvalidArgumentError
 */
export async function listLoads (database: Database, options: ListRecordsOptions): Promise<LoadRecord[]> {
  const filter = filterOf(options)
  return await database.snapshot(query => selectLoads(query, filter))
}

/**
 * Returns updates and deletes, the latest first.
 * @throws InvalidArgumentError
 */
export async function listChanges (database: Database, options: ListRecordsOptions): Promise<ChangeRecord[]> {
  const filter = filterOf(options)
  return await database.snapshot(query => selectChanges(query, filter))
}

function filterOf ({ limit = 20, before, person, customer, number, day }: ListRecordsOptions): RecordFilter {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new InvalidArgumentError('limit must be a whole number above 0')
  if (before !== undefined && !isBigint(before)) throw new InvalidArgumentError('before must be the identifier of a load or change')
  assertStorable('person', person ?? null)
  if (customer !== undefined && !(Number.isInteger(customer) && customer > 0 && customer <= MAX_INTEGER)) {
    throw new InvalidArgumentError('customer must be the identifier of a customer')
  }
  if (number !== undefined && !/^[0-9]{1,32}$/.test(number)) throw new InvalidArgumentError('number must be 1 to 32 digits')
  return {
    limit, before, person, customer, number,
    from: day === undefined ? undefined : beginOf(day)
  }
}

function beginOf (day: string): string {
  const begin = new Date(`${day}T00:00:00Z`)
  // JavaScript also accepts 31 February, as a day of March, and the year 0, which PostgreSQL does not have.
  if (!/^(?!0000)\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(begin.getTime()) || !begin.toISOString().startsWith(day)) {
    throw new InvalidArgumentError('day must be a date such as 2026-11-29')
  }
  return begin.toISOString()
}
