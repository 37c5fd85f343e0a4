import { CUSTOMERS } from '../demo-data.js'
import { countOf, rangeBetween, rangeFrom, type NumberRange } from '../number-range.js'
import { refusalOf, type EndpointModel } from '../outcome.js'
import { ALIAS, NUMBER, STYPE, type Parameters } from '../parameters.js'
import { addLoad } from '../records.js'
import { addConflict, addReferenceIssues } from '../references.js'
import { aliasesOf, numbersOf, type Charge } from '../state.js'

export const create: EndpointModel = {
  names: ['start', 'class', 'ingroup', 'alias', 'charge_customer', 'customer', 'end', 'region', 'validation', 'stype'],
  predict (parameters, state, person) {
    const start = parameters.required('start', parameters.text('start', NUMBER))
    const numberClass = parameters.required('class', parameters.integer('class'))
    const ingroup = parameters.required('ingroup', parameters.integer('ingroup'))
    const alias = parameters.text('alias', ALIAS)
    const chargeCustomer = parameters.flag('charge_customer')
    const customer = parameters.integer('customer')
    const end = parameters.text('end', NUMBER)
    const region = parameters.integer('region')
    const validation = parameters.flag('validation')
    const stype = parameters.text('stype', STYPE) ?? 'number'

    const numbers = start === undefined || end === undefined ? undefined : rangeBetween(start, end ?? '')
    let aliases: NumberRange | null = null
    if (numbers !== undefined) {
      addConflict(parameters, 'start', numbers, numbersOf(state.runs))
      if (alias != null) aliases = rangeFrom(alias, BigInt(countOf(numbers))) ?? null
      if (aliases !== null) addConflict(parameters, 'alias', aliases, aliasesOf(state.runs))
      else if (alias != null) parameters.addIssue('alias')
    } else if (start !== undefined && end !== undefined) {
      parameters.addIssue('end')
    }
    addReferenceIssues(parameters, { class: numberClass, ingroup, customer, region })
    const quantity = numbers === undefined ? 0 : countOf(numbers)
    const charges = chargeCustomer ? chargesFor(parameters, customer, numberClass, quantity) : []

    const refusal = refusalOf(parameters)
    if (refusal !== undefined || numbers === undefined || numberClass === undefined || ingroup === undefined) return refusal ?? { code: '400' }
    if (validation) return { code: '201', data: { count: 0 } }
    const orNone = (id: number | null | undefined): number | null => id === undefined || id === 0 ? null : id
    const attributes = { class: numberClass, ingroup, customer: orNone(customer), region: orNone(region), stype }
    return {
      code: '200',
      data: { count: quantity },
      next: addLoad(state, { person, ranges: [{ numbers, aliases, ...attributes }], chargeCustomer, charges })
    }
  }
}

/** Returns the charges of a load. They are known only if neither customer nor class has an issue. */
function chargesFor (
  parameters: Parameters, customer: number | null | undefined, numberClass: number | undefined, quantity: number
): Charge[] {
  if (customer === 0 || customer === null) parameters.addIssue('charge_customer')
  if (customer == null || numberClass === undefined || parameters.hasIssue('class') || !CUSTOMERS.has(customer)) return []
  const charges = chargesOf(customer, numberClass, quantity)
  if (charges === undefined) parameters.addIssue('charge_customer')
  return charges ?? []
}

/** Returns the charges, the customer's first, or `undefined` if the customer has no parent or a price is missing. */
function chargesOf (customer: number, numberClass: number, quantity: number): Charge[] | undefined {
  const chain: number[] = []
  for (let id: number | null = customer; id !== null; id = CUSTOMERS.get(id)?.parent ?? null) chain.push(id)
  if (chain.length === 1) return undefined
  const charges: Charge[] = []
  for (const [height, payer] of chain.slice(0, -1).entries()) {
    const unitPrice = chain.slice(height).map(id => CUSTOMERS.get(id)?.prices.get(numberClass)).find(price => price !== undefined)
    if (unitPrice === undefined) return undefined
    charges.push({ customer: payer, quantity, unitPrice })
  }
  return charges
}
