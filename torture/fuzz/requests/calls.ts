import fc from 'fast-check'
import { PEOPLE } from '../model/demo-data.js'
import { aliasFor, requestedRange } from './ranges.js'
import { foreignName, hostileValue, text, wrongPassword, wrongUsername, type Value } from './values.js'

/** A parameter of a call, before it is written in a notation. */
export interface Parameter {
  readonly name: string
  readonly value: Value
}

type Optional<Content> = fc.Arbitrary<Content | undefined>

function sometimes<Content> (content: fc.Arbitrary<Content>, frequency: number): Optional<Content> {
  return fc.option(content, { nil: undefined, freq: frequency })
}

const person = fc.oneof(
  { weight: 80, arbitrary: fc.constant(PEOPLE[0]) }, { weight: 10, arbitrary: fc.constant(PEOPLE[1]) },
  { weight: 2, arbitrary: fc.constantFrom(...PEOPLE) })

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

/** A call that is valid unless it conflicts with rows of the database. */
const validCall = fc.tuple(person, requestedRange, assignment, rest).chain(([person, range, assignment, rest]) => (
  sometimes(aliasFor(range.count), 2).map(alias => parametersFrom({
    auth_username: person?.username,
    auth_password: person?.password,
    start: range.first,
    end: range.count === 1 ? undefined : range.last,
    alias,
    class: assignment.class,
    customer: assignment.customer,
    charge_customer: assignment.charge,
    ...rest,
    validation: range.isOnlyChecked ? 1 : rest.validation
  }))))

function parametersFrom (record: Record<string, string | number | undefined>): Parameter[] {
  return Object.entries(record).flatMap(([name, value]) => value === undefined ? [] : [{ name, value: text(String(value)) }])
}

const MUTATED = ['end', 'alias', 'customer', 'charge_customer', 'region', 'validation', 'stype', 'class', 'ingroup', 'start']

/** One change of a call. */
type Mutation =
  | { readonly kind: 'set', readonly name: string, readonly value: Value }
  | { readonly kind: 'omit' | 'repeat', readonly name: string }
  | { readonly kind: 'repeat with another value', readonly name: string, readonly value: Value }
  | { readonly kind: 'add', readonly name: string, readonly value: Value }

const name = fc.constantFrom(...MUTATED)

// Wrong credentials are rare, because argon2 would take most of the time.
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ kind: fc.constant('set' as const), name, value: hostileValue }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('omit' as const), name }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('repeat' as const), name: fc.constantFrom(...MUTATED, 'auth_username', 'auth_password') })
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('repeat with another value' as const), name, value: hostileValue }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('add' as const), name: foreignName, value: hostileValue }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), name: fc.constant('auth_username'), value: wrongUsername }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), name: fc.constant('auth_password'), value: wrongPassword }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('omit' as const), name: fc.constantFrom('auth_username', 'auth_password') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('repeat with another value' as const), name: fc.constantFrom('auth_username', 'auth_password'), value: wrongPassword
    })
  })

function mutated (parameters: readonly Parameter[], mutation: Mutation): Parameter[] {
  const others = parameters.filter(({ name }) => name !== mutation.name)
  const same = parameters.filter(({ name }) => name === mutation.name)
  switch (mutation.kind) {
    case 'set': return [...others, { name: mutation.name, value: mutation.value }]
    case 'omit': return others
    case 'repeat': return [...parameters, ...same]
    case 'repeat with another value':
    case 'add': return [...parameters, { name: mutation.name, value: mutation.value }]
  }
}

/** The unknown or repeated names that a call has in large numbers. */
const flood = fc.record({
  count: fc.constantFrom(50, 1_000, 10_000), name: fc.constantFrom('x', 'start', '__proto__', 'é'), value: fc.constantFrom('', '1').map(text)
})

const invalidCall = fc.tuple(validCall, mutation).map(([valid, mutation]) => mutated(valid, mutation))

const veryInvalidCall = fc.tuple(validCall, fc.array(mutation, { minLength: 2, maxLength: 6 }))
  .map(([valid, mutations]) => mutations.reduce(mutated, valid))

const floodedCall = fc.tuple(validCall, flood).map(([valid, { count, name, value }]) => (
  [...valid, ...Array.from({ length: count }, () => ({ name, value }))]))

const anything = fc.array(fc.record({ name: fc.oneof(name, foreignName), value: hostileValue }), { maxLength: 8 })

/** The parameters of a call: half of the calls are valid, and most others have one issue. */
export const call: fc.Arbitrary<Parameter[]> = fc.oneof(
  { weight: 100, arbitrary: validCall },
  { weight: 70, arbitrary: invalidCall },
  { weight: 25, arbitrary: veryInvalidCall },
  { weight: 3, arbitrary: anything },
  { weight: 1, arbitrary: floodedCall }
)
