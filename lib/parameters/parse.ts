import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { CREATE_PARAMETER_NAMES, EXPECTATIONS, CreateRequest, type CreateParameterName } from './create.js'
import { Issues } from './issues.js'

/** A request as far as it could be read: a parameter is either in `parameters` or among the `issues`. */
export interface ParsedParameters {
  readonly parameters: Partial<CreateRequest>
  readonly issues: Issues
}

/** One parameter as a source knows it; `undefined` where it was not given. */
export type Reading = { readonly value: unknown } | { readonly problem: string } | undefined

const KnownParameters = Type.Partial(CreateRequest)

/** Builds a draft from any source: fills in defaults, and reports what is missing or unreadable. */
export function parseParameters (read: (name: CreateParameterName) => Reading): ParsedParameters {
  const issues = new Issues()
  const parameters: Record<string, unknown> = {}
  for (const name of CREATE_PARAMETER_NAMES) {
    const reading = read(name)
    if (reading === undefined) {
      const fallback: unknown = CreateRequest.properties[name].default
      if (fallback === undefined) issues.add(name, `${name} is missing: ${EXPECTATIONS[name]}`)
      else parameters[name] = fallback
    } else if ('problem' in reading) {
      issues.add(name, reading.problem)
    } else {
      parameters[name] = reading.value
    }
  }
  Value.Assert(KnownParameters, parameters)
  return { parameters, issues }
}

/** The parameters that host code may leave out are those with a default. */
export type CreateInput = Pick<CreateRequest, 'start' | 'class' | 'ingroup'> & Partial<CreateRequest>

/** A draft of what host code passed in. */
export function parseHostParameters (input: CreateInput): ParsedParameters {
  return parseParameters(name => {
    const value: unknown = input[name]
    if (value === undefined) return undefined
    return Value.Check(CreateRequest.properties[name], value) ? { value } : { problem: EXPECTATIONS[name] }
  })
}
