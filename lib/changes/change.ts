import type { Database, Query } from '../database/database.js'
import { SQLSTATE, sqlStateOf } from '../database/sqlstate.js'
import { InvalidParametersError, NumberNotFoundError } from '../errors.js'
import { describeConflicts, explainReference } from '../loads/database-checks.js'
import { ConflictError, retryOnConflict } from '../loads/retry.js'
import { describeRanges, type NumberRange } from '../numbers/number-range.js'
import type { Issues } from '../parameters/issues.js'
import { countExisting, findMissing, findReservedClass } from '../repository/change-checks.js'
import { deleteLongRange, deleteRecorded, insertChange, updateRecorded, type RecordedChange } from '../repository/changed-runs.js'
import type { ChangeInput, NewValues } from '../repository/changes.js'
import { findAliasesOfOthers } from '../repository/conflicts.js'
import type { Actor } from '../repository/insert-load.js'
import { lockAliases } from '../repository/lock-aliases.js'
import { WALK_INDEXES } from '../repository/range-sql.js'
import { throwIfOvertaken } from '../repository/records.js'
import { quoteRefunds, refundDeleted, type Reversal } from '../repository/reversals.js'
import { findBadReferences } from '../repository/references.js'
import type { ChangePlan, CheckableChange } from './plan.js'

/** The result of an update or delete. */
export interface Change {
  /** Identifier of the change, a bigint in decimal digits; `null` for a call that only validated, or that set nothing. */
  readonly id: string | null
  /** Count of the numbers that were changed or deleted: 0 for a call that only validated, or that set nothing. */
  readonly count: number
  /**
   * Refunds of a delete with `refund` to the payers of the loads, the customer first; with `validation`, the refunds that it
   * would make.
   */
  readonly refunds: readonly Reversal[]
}

/**
 * Carries out a plan: changes or deletes all its numbers and records their former state, or changes nothing.
 * @throws InvalidParametersError with all issues; NumberNotFoundError, DatabaseBusyError, DatabaseUnavailableError
 */
export async function changeNumbers (database: Database, plan: ChangePlan, actor: Actor): Promise<Change> {
  switch (plan.kind) {
    case 'invalid':
      return await database.snapshot(async query => {
        await addIssues(query, plan, plan.issues)
        throw new InvalidParametersError(plan.issues.list())
      }, WALK_INDEXES)
    case 'dry run':
      return await database.snapshot(async query => {
        const { numbers, refund = false } = plan.input
        await check(query, plan.input, plan.issues)
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
  await check(query, input, issues, recorded)
  const apply = input.kind === 'delete' ? deleteRecorded : updateRecorded
  if (await apply(query, id, input, recorded) !== recorded.count) throw new ConflictError()
  await throwIfOvertaken(query, id)
  return id
}

/** Throws if the change is not allowed; `recorded` is the record of its numbers, if there is one. */
async function check (query: Query, input: ChangeInput, issues: Issues, recorded?: RecordedChange): Promise<void> {
  const found = await addIssues(query, input, issues, recorded)
  if (!issues.isEmpty) throw new InvalidParametersError(issues.list())
  if (found < input.numbers.count) throw new NumberNotFoundError(input.numbers.first)
}

/** Adds all issues, and returns how many of the numbers exist. */
async function addIssues (
  query: Query, { numbers, aliases, newValues }: CheckableChange, issues: Issues, recorded?: RecordedChange
): Promise<number> {
  await checkReferences(query, newValues, issues)
  if (numbers === undefined) return 0
  const found = recorded?.count ?? await countExisting(query, numbers)
  if (found < numbers.count && numbers.count > 1) issues.add('number', await describeMissing(query, numbers, found))
  const key = newValues.class === undefined ? 'customer' : 'class'
  // The intended value of an invalid class or customer is unknown.
  if (found > 0 && newValues[key] !== undefined && !issues.has('class') && !issues.has('customer')) {
    const reserved = await findReservedClass(query, { numbers, newValues }, recorded?.id)
    if (reserved !== undefined) issues.add(key, `class ${reserved} is reserved for another customer`)
  }
  if (aliases !== undefined) {
    const conflicts = await findAliasesOfOthers(query, aliases, numbers)
    if (conflicts !== undefined) issues.add('alias', describeConflicts('aliases', conflicts, aliases))
  }
  return found
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
