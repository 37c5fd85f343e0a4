import { inSnapshot, inTransaction, type Query } from '../database/connection.js'
import { InvalidParametersError } from '../errors.js'
import { chargePayers, lockPayers, quoteCharges, type Charge, type CountedPurchase } from '../repository/charges.js'
import type { Database } from '../repository/database.js'
import { insertLoad, type Actor } from '../repository/insert-load.js'
import type { SingleLoad } from '../repository/insert-single-loads.js'
import { LOAD_RACE_SQLSTATES, retryOnConflict } from './retry.js'
import { checkAgainstDatabase } from './database-checks.js'
import { completeLoad, type Load, type Plan } from './plan.js'
import { isSingle, type SingleLoads } from './single-load-batcher.js'

/** What a call came to. */
export interface CreatedLoad {
  /** Identifies the load, a bigint in decimal digits; `null` for a call that only validated. */
  readonly load: string | null
  /** How many numbers were added: 0 for a call that only validated. */
  readonly count: number
  /** Who was charged, the customer first; for a call that only validated, who would be. */
  readonly charges: readonly Charge[]
}

/** Thrown in the transaction of an attempt, so that it is rolled back and the database looked at again. */
class SpoiltAttempt extends Error {}

/**
 * Carries out a planned call: adds all its numbers, or none.
 * @throws InvalidParametersError with everything that is wrong; DatabaseBusyError, DatabaseUnavailableError
 */
export async function createLoad (
  database: Database, singleLoads: SingleLoads, plan: Plan, actor: Actor
): Promise<CreatedLoad> {
  const load = completeLoad(plan)
  if (load === undefined || load.request.validation) return await validate(database, plan, load)

  if (isSingle(plan)) {
    const created = await createSingleLoad(singleLoads, { load, actor })
    if (created !== undefined) return created
  }

  // The statement of a load looks at everything but prices.
  if (load.request.charge_customer) await validate(database, plan, load)
  return await retryOnConflict(async () => {
    const created = await attemptLoad(database, load, actor)
    // Where something stood in the way, this tells what, unless it has gone again.
    if (created === undefined) await validate(database, plan, load)
    return created
  }, LOAD_RACE_SQLSTATES)
}

/** Adds one number in a statement that it may share with others; `undefined` where that did not come to anything. */
export async function createSingleLoad (singleLoads: SingleLoads, single: SingleLoad): Promise<CreatedLoad | undefined> {
  const id = await singleLoads.ask(single)
  return id === undefined ? undefined : { load: id, count: 1, charges: [] }
}

async function validate ({ pool, schema, limits }: Database, plan: Plan, load: Load | undefined): Promise<CreatedLoad> {
  return await inSnapshot(pool, limits, async query => {
    await checkAgainstDatabase(query, schema, plan)
    throwIfInvalid(plan)
    const charges = load?.request.charge_customer === true ? await quoteCharges(query, schema, purchaseOf(load)) : []
    return { load: null, count: 0, charges }
  })
}

async function attemptLoad (
  { pool, schema, limits }: Database, load: Load, actor: Actor
): Promise<CreatedLoad | undefined> {
  const attempt = inTransaction(pool, limits, async query => {
    const id = await insertLoad(query, schema, load, actor)
    if (id === undefined) return undefined
    const charges = load.request.charge_customer ? await charge(query, schema, load, id) : []
    return { load: id, count: load.numbers.count, charges }
  })
  return await attempt.catch((error: unknown) => {
    if (error instanceof SpoiltAttempt) return undefined
    throw error
  })
}

async function charge (query: Query, schema: string, load: Load, id: string): Promise<Charge[]> {
  await lockPayers(query, schema, purchaseOf(load))
  const charges = await chargePayers(query, schema, purchaseOf(load), id)
  // A price or a currency has changed since the inspection.
  if (charges.length === 0) throw new SpoiltAttempt()
  return charges
}

function purchaseOf ({ request, numbers }: Load): CountedPurchase {
  return { customer: request.customer, class: request.class, quantity: numbers.count }
}

function throwIfInvalid ({ issues }: Plan): void {
  if (!issues.isEmpty) throw new InvalidParametersError(issues.list())
}
