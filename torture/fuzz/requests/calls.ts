import fc from 'fast-check'
import { PEOPLE } from '../model/demo-data.js'
import { aliasFor, series } from './series.js'
import { foreignName, hostileValue, text, wrongPassword, wrongUsername, type Value } from './values.js'

/** What a call says, before it is written in any notation. */
export interface Parameter {
  readonly name: string
  readonly value: Value
}

type Optional<Content> = fc.Arbitrary<Content | undefined>

function sometimes<Content> (content: fc.Arbitrary<Content>, of: number): Optional<Content> {
  return fc.option(content, { nil: undefined, freq: of })
}

const person = fc.oneof(
  { weight: 80, arbitrary: fc.constant(PEOPLE[0]) }, { weight: 10, arbitrary: fc.constant(PEOPLE[1]) },
  { weight: 2, arbitrary: fc.constantFrom(...PEOPLE) })

const noCharge = fc.constantFrom(undefined, 0)

// Mostly what goes together: a class that is for this customer, and a charge that somebody can pay.
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

/** A call that is good but for what the database has against it. */
const goodCall = fc.tuple(person, series, assignment, rest).chain(([person, series, assignment, rest]) => (
  sometimes(aliasFor(series.count), 2).map(alias => parametersFrom({
    auth_username: person?.username,
    auth_password: person?.password,
    start: series.first,
    end: series.count === 1 ? undefined : series.last,
    alias,
    class: assignment.class,
    customer: assignment.customer,
    charge_customer: assignment.charge,
    ...rest,
    validation: series.isOnlyChecked ? 1 : rest.validation
  }))))

function parametersFrom (record: Record<string, string | number | undefined>): Parameter[] {
  return Object.entries(record).flatMap(([name, value]) => value === undefined ? [] : [{ name, value: text(String(value)) }])
}

const OPTIONAL = ['end', 'alias', 'customer', 'charge_customer', 'region', 'validation', 'stype', 'class', 'ingroup', 'start']

/** One thing that is done to a call. */
type Mutation =
  | { readonly kind: 'set', readonly name: string, readonly value: Value }
  | { readonly kind: 'leave out' | 'repeat', readonly name: string }
  | { readonly kind: 'repeat otherwise', readonly name: string, readonly value: Value }
  | { readonly kind: 'add', readonly name: string, readonly value: Value }

const name = fc.constantFrom(...OPTIONAL)

// Wrong credentials are rare, because the time of argon2 would leave little for the rest.
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ kind: fc.constant('set' as const), name, value: hostileValue }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('leave out' as const), name }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('repeat' as const), name: fc.constantFrom(...OPTIONAL, 'auth_username', 'auth_password') })
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('repeat otherwise' as const), name, value: hostileValue }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('add' as const), name: foreignName, value: hostileValue }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), name: fc.constant('auth_username'), value: wrongUsername }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), name: fc.constant('auth_password'), value: wrongPassword }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave out' as const), name: fc.constantFrom('auth_username', 'auth_password') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('repeat otherwise' as const), name: fc.constantFrom('auth_username', 'auth_password'), value: wrongPassword
    })
  })

function mutated (parameters: readonly Parameter[], mutation: Mutation): Parameter[] {
  const others = parameters.filter(({ name }) => name !== mutation.name)
  const same = parameters.filter(({ name }) => name === mutation.name)
  switch (mutation.kind) {
    case 'set': return [...others, { name: mutation.name, value: mutation.value }]
    case 'leave out': return others
    case 'repeat': return [...parameters, ...same]
    case 'repeat otherwise':
    case 'add': return [...parameters, { name: mutation.name, value: mutation.value }]
  }
}

/** How many unknown or repeated names some calls bring. */
const flood = fc.record({
  count: fc.constantFrom(50, 1_000, 10_000), name: fc.constantFrom('x', 'start', '__proto__', 'é'), value: fc.constantFrom('', '1').map(text)
})

const badCall = fc.tuple(goodCall, mutation).map(([good, one]) => mutated(good, one))

const worseCall = fc.tuple(goodCall, fc.array(mutation, { minLength: 2, maxLength: 6 }))
  .map(([good, several]) => several.reduce(mutated, good))

const floodedCall = fc.tuple(goodCall, flood).map(([good, { count, name, value }]) => (
  [...good, ...Array.from({ length: count }, () => ({ name, value }))]))

const anything = fc.array(fc.record({ name: fc.oneof(name, foreignName), value: hostileValue }), { maxLength: 8 })

/** The parameters of a call: half of them good, most others good but for one. */
export const call: fc.Arbitrary<Parameter[]> = fc.oneof(
  { weight: 100, arbitrary: goodCall },
  { weight: 70, arbitrary: badCall },
  { weight: 25, arbitrary: worseCall },
  { weight: 3, arbitrary: anything },
  { weight: 1, arbitrary: floodedCall }
)
