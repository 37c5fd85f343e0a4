import fc from 'fast-check'
import { aliasFor, existingRange, type RequestedRange } from '../ranges.js'
import { withPerson, type Parameter, type Values } from '../parameters.js'

const validation = fc.constantFrom(undefined, undefined, undefined, undefined, 0, 1)

/** The values that an update sets: few of the attributes, sometimes none. */
const newValues = fc.record({
  class: fc.constantFrom(undefined, undefined, '', 1, 2, 2, 3),
  customer: fc.constantFrom(undefined, undefined, undefined, '', 0, 2, 3, 4),
  region: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2),
  ingroup: fc.constantFrom(undefined, undefined, undefined, 1, 2, 3),
  stype: fc.constantFrom(undefined, undefined, undefined, '', 'number', 'callerid'),
  shortcut: fc.constantFrom(undefined, undefined, undefined, undefined, '', 0)
})

/** Returns updates of ranges of which numbers may exist. */
export function changeOf (ranges: fc.Arbitrary<RequestedRange>): fc.Arbitrary<Parameter[]> {
  return withPerson(fc.tuple(ranges, newValues, validation).chain(([range, newValues, validation]) => (
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant('') }, { weight: 3, arbitrary: aliasFor(range.count) }
    ).map((alias): Values => ({ ...rangeOf(range), alias, ...newValues, validation })))))
}

/** Returns deletions of ranges of which numbers may exist. */
export function deleteOf (ranges: fc.Arbitrary<RequestedRange>): fc.Arbitrary<Parameter[]> {
  return withPerson(fc.tuple(ranges, validation, fc.constantFrom(undefined, 0, 1)).map(([range, validation, refund]): Values => (
    { ...rangeOf(range), validation, refund })))
}

export const validChange = changeOf(existingRange)
export const validDelete = deleteOf(existingRange)

function rangeOf ({ first, last, count }: RequestedRange): Values {
  return { number: first, end: count === 1 ? undefined : last }
}
