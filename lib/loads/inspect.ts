import type { Query } from '../database/client.js'
import { findChargeProblem, type ChargeProblem } from '../repository/charges.js'
import { findExisting, type Existing } from '../repository/existing.js'
import { findBadReferences, type BadReference } from '../repository/references.js'
import type { Plan, Series } from './plan.js'

/** Adds to the plan's problems everything that the database has against it. Writes nothing. */
export async function inspect (query: Query, schema: string, plan: Plan): Promise<void> {
  const { parameters, problems, numbers, aliases } = plan
  for (const bad of await findBadReferences(query, schema, parameters)) {
    problems.add(bad.key, describeReference(bad, parameters[bad.key]))
  }
  if (numbers !== undefined) {
    const existing = await findExisting(query, schema, 'number', numbers)
    if (existing !== undefined) problems.add('start', describeExisting('numbers', existing, numbers))
  }
  if (aliases !== undefined) {
    const existing = await findExisting(query, schema, 'alias', aliases)
    if (existing !== undefined) problems.add('alias', describeExisting('aliases', existing, aliases))
  }
  await inspectCharge(query, schema, plan)
}

async function inspectCharge (query: Query, schema: string, { parameters, problems }: Plan): Promise<void> {
  const { charge_customer: isCharged, customer, class: numberClass } = parameters
  if (isCharged !== true || customer === undefined || numberClass === undefined || problems.has('class')) return
  const problem = await findChargeProblem(query, schema, { customer, class: numberClass })
  if (problem !== undefined) problems.add('charge_customer', describeChargeProblem(problem, numberClass))
}

function describeReference ({ key, reason }: BadReference, id: number | undefined): string {
  return reason === 'missing' ? `${key} ${id} does not exist` : `${key} ${id} is ${reason}`
}

function describeExisting (what: 'numbers' | 'aliases', { count, isMore, runs, isCut }: Existing, series: Series): string {
  const listed = runs.map(({ first, last }) => first === last ? first : `${first} to ${last}`)
  if (isCut) listed.push('and more')
  const total = isMore ? `at least ${count}` : `${count}`
  return `${total} of the ${series.count} ${what} exist already: ${listed.join(', ')}`
}

function describeChargeProblem ({ customer, reason }: ChargeProblem, numberClass: number): string {
  switch (reason) {
    case 'no parent': return `customer ${customer} has no parent to buy from, so it cannot be charged`
    case 'no price': return `class ${numberClass} has no price in the plan of customer ${customer}, nor in any above it`
    case 'currencies differ': return `the plans of customer ${customer} and those above it have different currencies`
  }
}
