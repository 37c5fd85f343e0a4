import { Value } from '@sinclair/typebox/value'
import { InvalidParametersError } from '../errors.js'
import { MAX_RANGE, rangeBetween } from '../numbers/number-range.js'
import { ListRequest } from '../parameters/list.js'
import type { ParsedParameters } from '../parameters/parse.js'
import type { ListSelection } from '../repository/list-numbers.js'

/** The numbers that a call lists, or counts if `counts` is set. */
export interface Selection extends ListSelection {
  readonly counts: boolean
}

/** @throws InvalidParametersError with all issues, including those of parameters that exclude each other */
export function selectNumbers ({ parameters, issues }: ParsedParameters<typeof ListRequest>): Selection {
  const { directory, assigned, free, customer = 0, start = '', end = '', offset = 0, after = '' } = parameters
  if (directory === true) issues.add('directory', 'directory must be 0: numbers have no such attribute here')
  if (free === true && assigned === true) issues.add('free', 'free=1 excludes assigned=1')
  if (free === true && customer > 0) issues.add('free', 'free=1 excludes customer: a free number has no customer')
  if (end !== '' && start === '' && !issues.has('start')) issues.add('end', 'end needs start, the first number of the range')
  if (start !== '') {
    const range = rangeBetween(start, end, MAX_RANGE)
    if ('issue' in range) issues.add('end', range.issue)
  }
  if (after !== '' && offset > 0) issues.add('after', 'after excludes offset: leave offset out')
  if (!issues.isEmpty || !Value.Check(ListRequest, parameters)) throw new InvalidParametersError(issues.list())
  return { filter: parameters, columns: parameters.pages ? 'number' : 'all', counts: parameters.count }
}
