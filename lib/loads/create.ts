import type { Database } from '../database/database.js'
import { InvalidParametersError } from '../errors.js'
import { CreateParameters } from '../parameters/create.js'
import { Issues } from '../parameters/issues.js'
import { quoteCharges, type Charge, type Purchase } from '../repository/charges.js'
import { insertLoad, insertShortLoad, MAX_SHORT, type Actor, type Load } from '../repository/insert-load.js'
import { lockAliases } from '../repository/lock-aliases.js'
import { WALK_INDEXES } from '../repository/range-sql.js'
import { insertAndCharge } from './charge.js'
import { checkAgainstDatabase } from './database-checks.js'
import type { Checkable, Plan } from './plan.js'
import { retryOnConflict } from './retry.js'
import type { SingleLoadBatcher } from './single-load-batcher.js'
import { UnconfirmedPersonError } from './unconfirmed-person.js'

/** The result of a call. */
export interface CreatedLoad {
  /** Identifier of the load, a bigint in decimal digits; `null` for a call that only validated. */
  readonly id: string | null
  /** Count of the numbers that were added: 0 for a call that only validated. */
  readonly count: number
  /** The charges, the customer's first; for a call that only validated, the charges that it would make. */
  readonly charges: readonly Charge[]
}

/** Whether the statement of a plan checks the fingerprint of a person, before anything that could depend on the data. */
export function checksFingerprint (plan: Plan): boolean {
  if (plan.kind !== 'range') return plan.kind === 'single'
  // A charge is quoted first, and so are aliases locked.
  return plan.numbers.count <= MAX_SHORT && plan.aliases === undefined && !plan.parameters.charge_customer
}

/**
 * Carries out a plan: adds all its numbers, or none. With a `fingerprint`, the person was not looked up for this call, and only a
 * statement that has checked the fingerprint may add numbers.
 * @throws InvalidParametersError with all issues; UnconfirmedPersonError, DatabaseBusyError, DatabaseUnavailableError
 */
export async function createLoad (
  database: Database, singleLoads: SingleLoadBatcher, plan: Plan, actor: Actor, fingerprint?: string
): Promise<CreatedLoad> {
  switch (plan.kind) {
    case 'invalid': return await validate(database, plan, plan.issues)
    case 'dry run': return await dryRun(database, plan)
    case 'single': {
      const written = await singleLoads.submit({ load: plan, actor, fingerprint })
      if (written !== undefined) return { ...written, count: 1 }
      // The statement does not report whether the fingerprint or the load prevented it.
      if (fingerprint !== undefined) throw new UnconfirmedPersonError()
      return await createAlone(database, plan, actor)
    }
    case 'range': return await createAlone(database, plan, actor, fingerprint)
  }
}

async function createAlone (database: Database, load: Load, actor: Actor, fingerprint?: string): Promise<CreatedLoad> {
  // The statement of a load checks everything except prices.
  if (load.parameters.charge_customer) await dryRun(database, load)
  return await retryOnConflict(database.schema, async () => {
    const written = await insertAndCharge(database, async query => {
      await lockAliases(query, database, [load.aliases])
      return await (fingerprint === undefined ? insertLoad(query, load, actor) : insertShortLoad(query, load, actor, fingerprint))
    }, purchasesOf(load))
    // The function does not report whether the fingerprint or the load prevented it.
    if (written === undefined && fingerprint !== undefined) throw new UnconfirmedPersonError()
    // This reports the reason that prevented the load, unless it no longer exists.
    if (written === undefined) await dryRun(database, load)
    return written && { id: written.id, count: load.numbers.count, charges: written.charges }
  })
}

async function dryRun (database: Database, load: Load): Promise<CreatedLoad> {
  return await validate(database, load, new Issues(Object.keys(CreateParameters.properties)), load)
}

async function validate (database: Database, checkable: Checkable, issues: Issues, load?: Load): Promise<CreatedLoad> {
  return await database.snapshot(async query => {
    await checkAgainstDatabase(query, checkable, issues)
    if (!issues.isEmpty || load === undefined) throw new InvalidParametersError(issues.list())
    const purchases = purchasesOf(load)
    return { id: null, count: 0, charges: purchases.length > 0 ? await quoteCharges(query, purchases) : [] }
  }, WALK_INDEXES)
}

/** Returns the purchase, if the load is charged. */
function purchasesOf ({ parameters: { charge_customer: isCharged, customer, class: numberClass }, numbers }: Load): Purchase[] {
  return isCharged ? [{ customer, class: numberClass, quantity: numbers.count }] : []
}
