import { KindGuard, type TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { parseParameters, type ParsedParameters, type Reading } from './parse.js'
import { CreateParameters, EXPECTATIONS, type CreateParameterName, type Credentials } from './create.js'
import type { RawParameters, RawValue } from '../http/raw-parameters.js'

/** The credentials as they were sent; what is missing or unreadable is empty, which nobody's credentials are. */
export function parseCredentials ({ values }: RawParameters): Credentials {
  const textOf = (name: string): string => {
    const value = values.get(name)
    return value?.kind === 'text' ? value.text : ''
  }
  return { auth_username: textOf('auth_username'), auth_password: textOf('auth_password') }
}

/** Turns what a request brought into typed parameters, by the schema of the parameter table. */
export function parseTextParameters ({ values, repeated, bodyIssue }: RawParameters): ParsedParameters {
  const draft = parseParameters(name => {
    const value = values.get(name)
    if (repeated.has(name)) return { problem: givenTwice(name) }
    if (value === undefined || (value.kind === 'text' && value.text === '')) return undefined
    return interpret(name, value)
  })
  if (bodyIssue !== undefined) draft.issues.add('', bodyIssue)
  for (const name of ['auth_username', 'auth_password'] as const) {
    if (repeated.has(name)) draft.issues.add(name, givenTwice(name))
  }
  return draft
}

function givenTwice (name: string): string {
  return `${name} is given more than once: send it once, in the query or in the body`
}

function interpret (name: CreateParameterName, raw: RawValue): Reading {
  if (raw.kind === 'unreadable') return { problem: `${name} ${raw.problem}` }
  const schema = CreateParameters.properties[name]
  if (raw.kind === 'json number' && KindGuard.IsString(schema)) {
    return { problem: `${name} must be a JSON string, because a number loses leading zeros` }
  }
  const value = valueOf(schema, raw.text)
  if (!Value.Check(schema, value)) return { problem: EXPECTATIONS[name] }
  return { value: name === 'charge_customer' || name === 'validation' ? value === 1 : value }
}

/** The text in the type of its schema: one of the literals of a union, a number of decimal digits, or as it is. */
function valueOf (schema: TSchema, text: string): unknown {
  if (KindGuard.IsUnion(schema)) {
    return schema.anyOf.find(option => KindGuard.IsLiteral(option) && String(option.const) === text)?.const
  }
  if (KindGuard.IsInteger(schema)) return /^[0-9]+$/.test(text) ? Number(text) : undefined
  return text
}
