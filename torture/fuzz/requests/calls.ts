import fc from 'fast-check'
import { parametersOf, type EndpointName } from '../model/contract.js'
import type { Parameter } from './parameters.js'
import { validChange, validDelete } from './valid/change.js'
import { validCreate } from './valid/create.js'
import { validGet, validList } from './valid/find.js'
import { foreignName, hostileValue, text, wrongPassword, wrongUsername, type Value } from './values.js'

/** Calls that are valid unless the database does not allow them. */
const VALID: Readonly<Record<EndpointName, fc.Arbitrary<Parameter[]>>> = {
  create: validCreate, get: validGet, list: validList, update: validChange, delete: validDelete
}

/** One change of a call. */
type Mutation =
  | { readonly kind: 'set', readonly name: string, readonly value: Value }
  | { readonly kind: 'omit' | 'repeat', readonly name: string }
  | { readonly kind: 'repeat with another value', readonly name: string, readonly value: Value }
  | { readonly kind: 'add', readonly name: string, readonly value: Value }

/** Returns changes of calls with these parameters. Wrong credentials are rare, because argon2 would take most of the time. */
function mutationOf (names: readonly string[]): fc.Arbitrary<Mutation> {
  const name = fc.constantFrom(...names)
  return fc.oneof(
    { weight: 60, arbitrary: fc.record({ kind: fc.constant('set' as const), name, value: hostileValue }) },
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('omit' as const), name }) },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('repeat' as const), name: fc.constantFrom(...names, 'auth_username', 'auth_password') })
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
}

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

/** Names that a call has in large numbers. */
const flood = fc.record({
  count: fc.constantFrom(50, 1_000, 10_000), name: fc.constantFrom('x', 'start', 'number', '__proto__', 'é'), value: fc.constantFrom('', '1').map(text)
})

/** Returns the parameters of calls of an endpoint: half of the calls are valid, and most others have one issue. */
export function callOf (endpoint: EndpointName): fc.Arbitrary<Parameter[]> {
  const valid = VALID[endpoint]
  const names = parametersOf(endpoint)
  const mutation = mutationOf(names)
  const anything = fc.array(
    fc.record({ name: fc.oneof(fc.constantFrom(...names), foreignName), value: hostileValue }), { maxLength: 8 })
  return fc.oneof(
    { weight: 100, arbitrary: valid },
    { weight: 70, arbitrary: fc.tuple(valid, mutation).map(([valid, mutation]) => mutated(valid, mutation)) },
    {
      weight: 25,
      arbitrary: fc.tuple(valid, fc.array(mutation, { minLength: 2, maxLength: 6 }))
        .map(([valid, mutations]) => mutations.reduce(mutated, valid))
    },
    { weight: 3, arbitrary: anything },
    {
      weight: 1,
      arbitrary: fc.tuple(valid, flood).map(([valid, { count, name, value }]) => (
        [...valid, ...Array.from({ length: count }, () => ({ name, value }))]))
    }
  )
}
