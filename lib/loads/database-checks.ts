import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import type { Issues } from '../parameters/issues.js'
import { findChargeIssues, type ChargeIssue } from '../repository/charges.js'
import { findConflicts, type Conflicts } from '../repository/conflicts.js'
import { findAlternatives, findBadReferences, type BadReference } from '../repository/references.js'
import type { Checkable } from './plan.js'

/** Checks a call against the database, and adds all issues. Writes nothing. */
export async function checkAgainstDatabase (query: Query, checkable: Checkable, issues: Issues): Promise<void> {
  const { parameters, numbers, aliases } = checkable
  for (const bad of await findBadReferences(query, parameters)) {
    issues.add(bad.key, await explainReference(query, bad, Number(parameters[bad.key])))
  }
  if (numbers !== undefined) {
    const conflicts = await findConflicts(query, 'number', numbers)
    if (conflicts !== undefined) issues.add('start', describeConflicts('numbers', conflicts, numbers))
  }
  if (aliases !== undefined) {
    const conflicts = await findConflicts(query, 'alias', aliases)
    if (conflicts !== undefined) issues.add('alias', describeConflicts('aliases', conflicts, aliases))
  }
  await checkCharge(query, checkable, issues)
}

async function checkCharge (query: Query, { parameters }: Checkable, issues: Issues): Promise<void> {
  const { charge_customer: isCharged, customer, class: numberClass } = parameters
  if (isCharged !== true || customer === undefined || numberClass === undefined || issues.has('class')) return
  const [issue] = await findChargeIssues(query, [{ customer, class: numberClass, quantity: 1 }])
  if (issue !== undefined) issues.add('charge_customer', describeChargeIssue(issue))
}

/** Returns a description of an invalid reference. */
export function describeReference ({ key, reason }: BadReference, id: number): string {
  return reason === 'missing' ? `${key} ${id} does not exist` : `${key} ${id} is ${reason}`
}

/** As {@link describeReference}, with the rows that a missing reference could have meant. */
export async function explainReference (query: Query, bad: BadReference, id: number): Promise<string> {
  const described = describeReference(bad, id)
  if (bad.reason !== 'missing') return described
  const { areAll, rows } = await findAlternatives(query, bad.key, id)
  const listed = rows.map(row => `${row.id} (${row.name})`).join(', ') || 'none'
  return `${described}; ${areAll ? 'existing' : 'nearest'}: ${listed}`
}

/** Returns a description of the numbers or aliases of a range that exist. */
export function describeConflicts (what: 'numbers' | 'aliases', { count, isMore, runs, isCut }: Conflicts, range: NumberRange): string {
  const listed = runs.map(({ first, last }) => first === last ? first : `${first} to ${last}`)
  if (isCut) listed.push('and more')
  const exist = `already ${count === 1 ? 'exists' : 'exist'}: ${listed.join(', ')}`
  if (range.count === 1) return `1 ${what === 'numbers' ? 'number' : 'alias'} ${exist}`
  return `${isMore ? 'at least ' : ''}${count} of the ${range.count} ${what} ${exist}`
}

/** Returns the reason why a customer cannot be charged. */
export function describeChargeIssue ({ customer, class: numberClass, reason }: ChargeIssue): string {
  switch (reason) {
    case 'no parent': return `customer ${customer} has no parent to buy from, so it cannot be charged`
    case 'no price': return `class ${numberClass} has no price in the plan of customer ${customer}, nor in any above it`
    case 'currencies differ': return `the plans of customer ${customer} and those above it have different currencies`
  }
}
