import { planAliases } from '../loads/plan.js'
import { rangeBetween, type NumberRange } from '../numbers/number-range.js'
import type { DeleteRequest } from '../parameters/delete.js'
import type { Issues } from '../parameters/issues.js'
import type { ParsedParameters } from '../parameters/parse.js'
import type { UpdateRequest } from '../parameters/update.js'
import type { ChangeInput, NewValues } from '../repository/changes.js'

/** The ranges and values that can be checked against the database: those of an invalid call that are valid. */
export type CheckableChange = Pick<ChangeInput, 'aliases' | 'newValues'> & { readonly numbers: NumberRange | undefined }

/**
 * The action of a call, decided once: only report its issues; check everything and write nothing; or change all numbers of a
 * range.
 */
export type ChangePlan =
  | CheckableChange & { readonly kind: 'invalid', readonly issues: Issues }
  | { readonly kind: 'dry run' | 'change', readonly issues: Issues, readonly input: ChangeInput }

/** Plans an update from its parameters, of at most `maxRange` numbers. */
export function planUpdate ({ parameters, issues }: ParsedParameters<typeof UpdateRequest>, maxRange: number): ChangePlan {
  const { alias, class: numberClass, ingroup, customer, region, stype, shortcut, validation = false } = parameters
  if (shortcut === true) issues.add('shortcut', 'shortcut must be 0: no calls are routed here')
  const newValues: NewValues = {
    ...numberClass !== undefined && { class: numberClass },
    ...ingroup !== undefined && { ingroup },
    ...customer !== undefined && { customer: customer || null },
    ...region !== undefined && { region: region || null },
    ...stype !== undefined && { stype },
    ...alias !== undefined && { alias: alias || null }
  }
  const numbers = planNumbers(parameters, issues, maxRange)
  const aliases = numbers && planAliases(parameters, issues, numbers.count)
  if (!issues.isEmpty || numbers === undefined) return { kind: 'invalid', issues, numbers, aliases, newValues }
  const changesNothing = Object.keys(newValues).length === 0
  return { kind: validation || changesNothing ? 'dry run' : 'change', issues, input: { kind: 'update', numbers, aliases, newValues } }
}

/** Plans a delete from its parameters, of at most `maxRange` numbers. */
export function planDelete ({ parameters, issues }: ParsedParameters<typeof DeleteRequest>, maxRange: number): ChangePlan {
  const numbers = planNumbers(parameters, issues, maxRange)
  if (!issues.isEmpty || numbers === undefined) return { kind: 'invalid', issues, numbers, aliases: undefined, newValues: {} }
  const input = { kind: 'delete', numbers, aliases: undefined, newValues: {}, refund: parameters.refund === true } as const
  return { kind: parameters.validation === true ? 'dry run' : 'change', issues, input }
}

function planNumbers (
  { number, end }: { readonly number?: string, readonly end?: string }, issues: Issues, maxRange: number
): NumberRange | undefined {
  if (number === undefined || end === undefined) return undefined
  const range = rangeBetween(number, end, maxRange, 'number')
  if (!('issue' in range)) return range
  issues.add('end', range.issue)
  return undefined
}
