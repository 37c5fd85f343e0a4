import fc from 'fast-check'
import { aliasFor, requestedRange, type RequestedRange } from '../ranges.js'
import { sometimes, withPerson, type Parameter, type Values } from '../parameters.js'

const noCharge = fc.constantFrom(undefined, 0)

// Mostly valid combinations: a class that is not reserved for another customer, and a charge with a payer and a price.
const assignment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ class: fc.constantFrom(1, 2), customer: fc.constantFrom(undefined, 0, 1, 2, 3, 4), charge: noCharge })
  },
  {
    weight: 2,
    arbitrary: fc.record({ class: fc.constantFrom(1, 2), customer: fc.constantFrom(2, 3, 4), charge: fc.constant(1) })
  },
  { weight: 1, arbitrary: fc.record({ class: fc.constant(3), customer: fc.constantFrom(undefined, 0, 3), charge: noCharge }) },
  {
    weight: 1,
    arbitrary: fc.record({
      class: fc.constantFrom(0, 1, 2, 3, 4), customer: fc.integer({ min: 0, max: 5 }), charge: fc.constantFrom(undefined, 0, 1)
    })
  })

const rest = fc.record({
  ingroup: fc.oneof({ weight: 60, arbitrary: fc.integer({ min: 1, max: 3 }) }, { weight: 1, arbitrary: fc.constantFrom(0, 4) }),
  region: fc.oneof({ weight: 60, arbitrary: fc.constantFrom(undefined, 0, 1, 2) }, { weight: 1, arbitrary: fc.constant(3) }),
  stype: fc.constantFrom(undefined, undefined, '', 'number', 'callerid'),
  validation: fc.constantFrom(undefined, undefined, undefined, 0, 1)
})

/** Returns calls that are valid unless they conflict with rows of the database. */
export function createOf (ranges: fc.Arbitrary<RequestedRange>): fc.Arbitrary<Parameter[]> {
  return withPerson(fc.tuple(ranges, assignment, rest).chain(([range, assignment, rest]) => (
    sometimes(aliasFor(range.count), 2).map((alias): Values => ({
      start: range.first,
      end: range.count === 1 ? undefined : range.last,
      alias,
      class: assignment.class,
      customer: assignment.customer,
      charge_customer: assignment.charge,
      ...rest,
      validation: range.isOnlyChecked ? 1 : rest.validation
    })))))
}

export const validCreate = createOf(requestedRange)
