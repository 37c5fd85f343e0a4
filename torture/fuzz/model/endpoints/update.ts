import { countOf, rangeFrom, type NumberRange } from '../number-range.js'
import { refusalOf, type EndpointModel } from '../outcome.js'
import { ALIAS, STYPE, type Parameters } from '../parameters.js'
import { addChange } from '../records.js'
import { addConflict, addReferenceIssues, isReserved } from '../references.js'
import { aliasesOf, runsWithout, type NewValues, type Run } from '../state.js'
import { notFound, readChangedRange } from './change.js'

export const update: EndpointModel = {
  names: ['number', 'alias', 'class', 'customer', 'region', 'shortcut', 'validation', 'end', 'ingroup', 'stype'],
  predict (parameters, state, person) {
    const alias = parameters.text('alias', { ...ALIAS, emptyIsValue: true })
    const numberClass = parameters.integer('class')
    const customer = parameters.integer('customer')
    const region = parameters.integer('region')
    const ingroup = parameters.integer('ingroup')
    const stype = parameters.text('stype', STYPE)
    const validation = parameters.flag('validation')
    if (parameters.flag('shortcut')) parameters.addIssue('shortcut')
    const { numbers, held, isWhole, hasEnd } = readChangedRange(parameters, state.runs)

    addReferenceIssues(parameters, { class: numberClass, ingroup, customer, region })
    addReservedClass(parameters, numberClass, customer, held)
    const aliases = numbers === undefined ? null : readAliases(parameters, alias, numbers, state.runs)

    const refusal = refusalOf(parameters)
    if (refusal !== undefined || numbers === undefined) return refusal ?? { code: '400' }
    if (!isWhole) return notFound(numbers)
    if (validation) return { code: '201', data: { count: 0 } }
    const newValues: NewValues = {
      ...numberClass != null && { class: numberClass },
      ...ingroup != null && { ingroup },
      ...customer != null && { customer: customer === 0 ? null : customer },
      ...region != null && { region: region === 0 ? null : region },
      ...stype != null && { stype },
      ...alias != null && { aliases }
    }
    if (Object.keys(newValues).length === 0) return { code: '204', ...hasEnd && { data: { count: 0 } } }
    return {
      code: '204',
      ...hasEnd && { data: { count: countOf(numbers) } },
      next: addChange(state, { kind: 'update', person, numbers, newValues }, false)
    }
  }
}

/** Adds an issue if a number that exists would have a class that is reserved for another customer than its own. */
function addReservedClass (
  parameters: Parameters, numberClass: number | null | undefined, customer: number | null | undefined, held: readonly Run[]
): void {
  if (numberClass === undefined || customer === undefined || (numberClass === null && customer === null)) return
  const isRefused = held.some(run => isReserved(numberClass ?? run.class, customer ?? run.customer))
  if (isRefused) parameters.addIssue(numberClass === null ? 'customer' : 'class')
}

/** Returns the aliases that numbers get, `null` for none. */
function readAliases (
  parameters: Parameters, alias: string | null | undefined, numbers: NumberRange, runs: readonly Run[]
): NumberRange | null {
  if (alias == null || alias === '') return null
  const aliases = rangeFrom(alias, BigInt(countOf(numbers)))
  if (aliases === undefined) parameters.addIssue('alias')
  else addConflict(parameters, 'alias', aliases, aliasesOf(runsWithout(runs, numbers)))
  return aliases ?? null
}
