import { rangeBetween, rangeFrom, widened, type NumberRange } from '../numbers/number-range.js'
import { isValid } from '../parameters/check.js'
import { CreateRequest } from '../parameters/create.js'
import type { Issues } from '../parameters/issues.js'
import type { ParsedParameters } from '../parameters/parse.js'
import type { Load } from '../repository/insert-load.js'

/** The parameters and ranges that can be checked against the database: those of an invalid call that are valid. */
export interface Checkable {
  readonly parameters: Partial<CreateRequest>
  readonly numbers: NumberRange | undefined
  readonly aliases: NumberRange | undefined
}

/**
 * The action of a call, decided once: only report its issues; check everything and write nothing; add one number, in a
 * transaction that it may share with others; or add a range, in a transaction of its own.
 */
export type Plan =
  | Checkable & { readonly kind: 'invalid', readonly issues: Issues }
  | Load & { readonly kind: 'dry run' | 'single' | 'range' }

/** Plans a call from its parameters, which may ask for at most `maxRange` numbers. */
export function planLoad ({ parameters, issues }: ParsedParameters<typeof CreateRequest>, maxRange: number): Plan {
  if (parameters.charge_customer === true && parameters.customer === 0) {
    issues.add('charge_customer', 'charge_customer=1 needs a customer to charge: give customer, or charge_customer=0')
  }
  const numbers = planNumbers(parameters, issues, maxRange)
  const aliases = numbers && planAliases(parameters, issues, numbers.count)
  if (!issues.isEmpty || numbers === undefined || !isValid(CreateRequest, parameters)) {
    return { kind: 'invalid', parameters, numbers, aliases, issues }
  }
  const kind = parameters.validation ? 'dry run' : numbers.count === 1 ? 'single' : 'range'
  return { kind, parameters, numbers, aliases }
}

function planNumbers ({ start, end }: Partial<CreateRequest>, issues: Issues, maxRange: number): NumberRange | undefined {
  if (start === undefined || end === undefined) return undefined
  const range = rangeBetween(start, end, maxRange)
  if (!('issue' in range)) return range
  issues.add('end', range.issue)
  return undefined
}

/** Returns the aliases that begin with the one of the parameters, or `undefined` if there is none or it has an issue. */
export function planAliases ({ alias }: { readonly alias?: string }, issues: Issues, count: number): NumberRange | undefined {
  if (alias === undefined || alias === '') return undefined
  const range = rangeFrom(alias, count)
  if (range === undefined) {
    const wider = widened(alias, count)
    issues.add('alias', `alias must leave room to count up ${count} aliases of the same width${wider === undefined ? '' : `: give ${wider}`}`)
  }
  return range
}
