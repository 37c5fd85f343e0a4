import fc from 'fast-check'
import { PEOPLE } from '../model/demo-data.js'
import { text, type Value } from './values.js'

/** A parameter of a call, before it is written in a notation. */
export interface Parameter {
  readonly name: string
  readonly value: Value
}

/** The caller: nearly always a person with the privilege. */
const person = fc.oneof(
  { weight: 80, arbitrary: fc.constant(PEOPLE[0]) }, { weight: 10, arbitrary: fc.constant(PEOPLE[1]) },
  { weight: 2, arbitrary: fc.constantFrom(...PEOPLE) })

/** The values of a call; those that are `undefined` are not sent. */
export type Values = Readonly<Record<string, string | number | undefined>>

/** Returns calls with credentials. */
export function withPerson (values: fc.Arbitrary<Values>): fc.Arbitrary<Parameter[]> {
  return fc.tuple(person, values).map(([person, values]) => (
    parametersFrom({ auth_username: person?.username, auth_password: person?.password, ...values })))
}

/** Returns content that is missing in one of `frequency + 1` cases. */
export function sometimes<Content> (content: fc.Arbitrary<Content>, frequency: number): fc.Arbitrary<Content | undefined> {
  return fc.option(content, { nil: undefined, freq: frequency })
}

function parametersFrom (values: Values): Parameter[] {
  return Object.entries(values).flatMap(([name, value]) => value === undefined ? [] : [{ name, value: text(String(value)) }])
}
