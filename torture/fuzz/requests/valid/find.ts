import fc from 'fast-check'
import { aliasFor, existingRange } from '../ranges.js'
import { sometimes, withPerson, type Values } from '../parameters.js'

export const validGet = withPerson(existingRange.map(({ first }): Values => ({ number: first })))

const digits = fc.oneof(
  fc.integer({ min: 0, max: 999 }).map(String), fc.constantFrom('0', '00', '000', '0000', '0'.repeat(17), '9'),
  existingRange.map(({ first }) => first))

/** Filters, few of them at a time. */
const filters = fc.record({
  assigned: sometimes(fc.constantFrom(0, 1), 1),
  class: sometimes(fc.integer({ min: 0, max: 4 }), 1),
  directory: sometimes(fc.constantFrom('', 0), 1),
  ingroup: sometimes(fc.integer({ min: 0, max: 4 }), 1),
  search: digits,
  alias: aliasFor(1),
  customer: fc.integer({ min: 0, max: 5 }),
  region: fc.integer({ min: 0, max: 3 }),
  load: fc.oneof(fc.integer({ min: 0, max: 80 }).map(String), fc.constantFrom('007', '9'.repeat(19), '0'.repeat(19))),
  stype: fc.constantFrom('', 'number', 'callerid'),
  free: fc.constantFrom(0, 1),
  prefix: digits
}, { requiredKeys: [] })

const few = fc.tuple(filters, fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 2 })).map(([filters, places]): Values => (
  Object.fromEntries(Object.entries(filters).filter((_entry, place) => places.includes(place)))))

const page = fc.record({
  count: fc.constantFrom(0, 1),
  limit: fc.constantFrom(0, 1, 2, 10, 100, 999, 1_000, 1_001, 3_000, 2 ** 31 - 1),
  offset: fc.constantFrom(0, 0, 1, 5, 100, 2_000),
  pages: fc.constantFrom(0, 1)
}, { requiredKeys: [] })

const range = sometimes(existingRange, 1).map((range): Values => (
  range === undefined ? {} : { start: range.first, end: range.count === 1 ? undefined : range.last }))

const after = sometimes(digits, 1).map((after): Values => ({ after }))

export const validList = withPerson(fc.tuple(few, page, range, after).map(([few, page, range, after]): Values => (
  { ...few, ...page, ...range, ...after })))
