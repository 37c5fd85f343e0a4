import type { Query } from '../database/connection.js'
import { findChargeIssue, type ChargeIssue } from '../repository/charges.js'
import { findConflicts, type Conflicts } from '../repository/conflicts.js'
import { findBadReferences, type BadReference } from '../repository/references.js'
import type { Plan, Series } from './plan.js'

/** Adds to the plan's issues everything that the database has against it. Writes nothing. */
export async function checkAgainstDatabase (query: Query, schema: string, plan: Plan): Promise<void> {
  const { parameters, issues, numbers, aliases } = plan
  for (const bad of await findBadReferences(query, schema, parameters)) {
    issues.add(bad.key, describeReference(bad, parameters[bad.key]))
  }
  if (numbers !== undefined) {
    const existing = await findConflicts(query, schema, 'number', numbers)
    if (existing !== undefined) issues.add('start', describeConflicts('numbers', existing, numbers))
  }
  if (aliases !== undefined) {
    const existing = await findConflicts(query, schema, 'alias', aliases)
    if (existing !== undefined) issues.add('alias', describeConflicts('aliases', existing, aliases))
  }
  await checkCharge(query, schema, plan)
}

async function checkCharge (query: Query, schema: string, { parameters, issues }: Plan): Promise<void> {
  const { charge_customer: isCharged, customer, class: numberClass } = parameters
  if (isCharged !== true || customer === undefined || numberClass === undefined || issues.has('class')) return
  const problem = await findChargeIssue(query, schema, { customer, class: numberClass })
  if (problem !== undefined) issues.add('charge_customer', describeChargeIssue(problem, numberClass))
}

function describeReference ({ key, reason }: BadReference, id: number | undefined): string {
  return reason === 'missing' ? `${key} ${id} does not exist` : `${key} ${id} is ${reason}`
}

function describeConflicts (what: 'numbers' | 'aliases', { count, isMore, runs, isCut }: Conflicts, series: Series): string {
  const listed = runs.map(({ first, last }) => first === last ? first : `${first} to ${last}`)
  if (isCut) listed.push('and more')
  const total = isMore ? `at least ${count}` : `${count}`
  return `${total} of the ${series.count} ${what} exist already: ${listed.join(', ')}`
}

function describeChargeIssue ({ customer, reason }: ChargeIssue, numberClass: number): string {
  switch (reason) {
    case 'no parent': return `customer ${customer} has no parent to buy from, so it cannot be charged`
    case 'no price': return `class ${numberClass} has no price in the plan of customer ${customer}, nor in any above it`
    case 'currencies differ': return `the plans of customer ${customer} and those above it have different currencies`
  }
}
