import type { Database, Query } from '../database/database.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { InvalidParametersError, NumberNotFoundError } from '../errors.js'
import { describeConflicts, explainReference } from '../loads/database-checks.js'
import { ConflictError, retryOnConflict } from '../loads/retry.js'
import { describeRanges, type NumberRange } from '../numbers/number-range.js'
import type { Issues } from '../parameters/issues.js'
import { countExisting, findMissing, findReservedClass } from '../repository/change-checks.js'
import { deleteLongRange, deleteRecorded, insertChange, updateRecorded } from '../repository/changed-runs.js'
import type { ChangeInput, NewValues } from '../repository/changes.js'
import { findAliasesOfOthers } from '../repository/conflicts.js'
import type { Actor } from '../repository/insert-load.js'
import { lockAliases } from '../repository/lock-aliases.js'
import { WALK_INDEXES } from '../repository/range-sql.js'
import { quoteRefunds, refundDeleted, type Reversal } from '../repository/reversals.js'
import { findBadReferences } from '../repository/references.js'
import type { ChangePlan } from './plan.js'

/** The result of an update or delete. */
export interface Change {
  /** Identifies the change, a bigint in decimal digits; `null` for a call that only validated, or that set nothing. */
  readonly id: string | null
  /** How many numbers were changed or deleted: 0 for a call that only validated, or that set nothing. */
  readonly count: number
  /** What a delete with `refund` gives back to the payers of the loads, the customer first; with `validation`, what it would. */
  readonly refunds: readonly Reversal[]
}

/**
 * Carries out a plan: changes or deletes all its numbers and records what they were, or changes nothing.
 * @throws InvalidParametersError with everything that is wrong; NumberNotFoundError, DatabaseBusyError,
 * DatabaseUnavailableError
 */
export async function changeNumbers (database: Database, plan: ChangePlan, actor: Actor): Promise<Change> {
  switch (plan.kind) {
    case 'invalid':
      return await database.snapshot(async query => {
        await checkReferences(query, plan.newValues, plan.issues)
        throw new InvalidParametersError(plan.issues.list())
      }, WALK_INDEXES)
    case 'dry run':
      return await database.snapshot(async query => {
        const { numbers, refund = false } = plan.input
        await check(query, plan.input, plan.issues, await countExisting(query, numbers))
        return { id: null, count: 0, refunds: refund ? await quoteRefunds(query, numbers) : [] }
      }, WALK_INDEXES)
    case 'change':
      return await retryOnConflict(database.schema, () => attempt(database, plan.input, plan.issues, actor))
  }
}

async function attempt (database: Database, input: ChangeInput, issues: Issues, actor: Actor): Promise<Change> {
  const change = database.transaction(async query => {
    await lockAliases(query, database, [input.aliases])
    const deleted = input.kind === 'delete' ? await deleteLongRange(query, input, actor) : undefined
    const id = deleted ?? await carryOut(query, input, issues, actor)
    return { id, count: input.numbers.count, refunds: input.refund === true ? await refundDeleted(query, id) : [] }
  }, WALK_INDEXES)
  return await change.catch((error: unknown) => {
    if (input.kind === 'delete' && sqlStateOf(error) === SQLSTATE.foreignKeyViolation) {
      const message = 'number cannot be deleted: rows of other tables refer to it, or to another number of the range'
      throw new InvalidParametersError([{ key: 'number', message }])
    }
    throw error
  })
}

async function carryOut (query: Query, input: ChangeInput, issues: Issues, actor: Actor): Promise<string> {
  const recorded = await insertChange(query, input, actor)
  const { id } = recorded
  await check(query, input, issues, recorded.count, id)
  const apply = input.kind === 'delete' ? deleteRecorded : updateRecorded
  if (await apply(query, id, input, recorded) !== recorded.count) throw new ConflictError()
  return id
}

/** Throws if the change is not allowed: `found` of its numbers exist, and `id` identifies their record, if there is one. */
async function check (query: Query, input: ChangeInput, issues: Issues, found: number, id?: string): Promise<void> {
  const { numbers, aliases, newValues } = input
  const isWhole = found === numbers.count
  await checkReferences(query, newValues, issues)
  if (!isWhole && numbers.count > 1) issues.add('number', await describeMissing(query, numbers, found))
  const key = newValues.class === undefined ? 'customer' : 'class'
  if (isWhole && newValues[key] !== undefined && !issues.has(key)) {
    const reserved = await findReservedClass(query, input, id)
    if (reserved !== undefined) issues.add(key, `class ${reserved} is reserved for another customer`)
  }
  if (aliases !== undefined) {
    const conflicts = await findAliasesOfOthers(query, aliases, numbers)
    if (conflicts !== undefined) issues.add('alias', describeConflicts('aliases', conflicts, aliases))
  }
  if (!issues.isEmpty) throw new InvalidParametersError(issues.list())
  if (!isWhole) throw new NumberNotFoundError(numbers.first)
}

async function checkReferences (
  query: Query, { class: numberClass, ingroup, customer, region }: NewValues, issues: Issues
): Promise<void> {
  const references = {
    ...numberClass !== undefined && { class: numberClass },
    ...ingroup !== undefined && { ingroup },
    ...customer != null && { customer },
    ...region != null && { region }
  }
  for (const bad of await findBadReferences(query, references)) {
    issues.add(bad.key, await explainReference(query, bad, Number(references[bad.key])))
  }
}

async function describeMissing (query: Query, numbers: NumberRange, found: number): Promise<string> {
  const { runs, isCut } = await findMissing(query, numbers)
  return `${numbers.count - found} of the ${numbers.count} numbers do not exist: ${describeRanges(runs)}${isCut ? ', and more' : ''}`
}
