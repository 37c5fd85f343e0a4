import type { Database, Query } from '../database/database.js'
import { chargePayers, lockPayers, type Charge, type Purchase, type WrittenLoad } from '../repository/charges.js'
import { WALK_INDEXES } from '../repository/range-sql.js'

/** Rolls back a load that can no longer be charged as checked. */
class UnchargedError extends Error {}

/**
 * Inserts a load and charges for it, in one transaction; `insert` returns the identifier of the load. Returns `undefined`, having
 * written nothing, if the statement could not insert the load, or prices have changed since the checks.
 */
export async function insertAndCharge (
  database: Database, insert: (query: Query) => Promise<string | undefined>, purchases: readonly Purchase[]
): Promise<WrittenLoad | undefined> {
  const written = database.transaction(async query => {
    const id = await insert(query)
    if (id === undefined) return undefined
    return { id, charges: purchases.length > 0 ? await charge(query, purchases, id) : [] }
  }, WALK_INDEXES)
  return await written.catch((error: unknown) => {
    if (error instanceof UnchargedError) return undefined
    throw error
  })
}

async function charge (query: Query, purchases: readonly Purchase[], id: string): Promise<Charge[]> {
  await lockPayers(query, purchases)
  const charges = await chargePayers(query, purchases, id)
  // A price or a currency has changed since the checks.
  if (charges.length === 0) throw new UnchargedError()
  return charges
}
