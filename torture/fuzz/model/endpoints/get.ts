import { rangeBetween } from '../number-range.js'
import { refusalOf, type EndpointModel } from '../outcome.js'
import { NUMBER } from '../parameters.js'
import { rowsOf } from '../rows.js'
import { runsWithin } from '../state.js'
import { notFound } from './change.js'

export const get: EndpointModel = {
  names: ['number'],
  predict (parameters, state) {
    const number = parameters.required('number', parameters.text('number', NUMBER))
    const refusal = refusalOf(parameters)
    const numbers = number === undefined ? undefined : rangeBetween(number, '')
    if (refusal !== undefined || numbers === undefined) return refusal ?? { code: '400' }
    const [data] = runsWithin(state.runs, numbers).flatMap(run => rowsOf(run, state.ids))
    return data === undefined ? notFound(numbers) : { code: '200', data }
  }
}
