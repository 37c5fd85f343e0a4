import { countOf } from '../number-range.js'
import { refusalOf, type EndpointModel } from '../outcome.js'
import { addChange } from '../records.js'
import { notFound, readChangedRange } from './change.js'

export const deleteNumbers: EndpointModel = {
  names: ['number', 'end', 'validation', 'refund'],
  predict (parameters, state, person) {
    const { numbers, isWhole, hasEnd } = readChangedRange(parameters, state.runs)
    const validation = parameters.flag('validation')
    const refund = parameters.flag('refund')
    const refusal = refusalOf(parameters)
    if (refusal !== undefined || numbers === undefined) return refusal ?? { code: '400' }
    if (!isWhole) return notFound(numbers)
    if (validation) return { code: '201', data: { count: 0 } }
    return {
      code: '204',
      ...hasEnd && { data: { count: countOf(numbers) } },
      next: addChange(state, { kind: 'delete', person, numbers, newValues: {} }, refund)
    }
  }
}
