import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { CREATE_PARAMETER_NAMES, EXPECTATIONS, LoadRequest, type CreateParameterName } from '../schema/parameters.js'
import { Problems } from './problems.js'

/** A request as far as it could be read: a parameter is either in `parameters` or among the `problems`. */
export interface Draft {
  readonly parameters: Partial<LoadRequest>
  readonly problems: Problems
}

/** One parameter as a source knows it; `undefined` where it was not given. */
export type Reading = { readonly value: unknown } | { readonly problem: string } | undefined

const KnownParameters = Type.Partial(LoadRequest)

/** Builds a draft from any source: fills in defaults, and reports what is missing or unreadable. */
export function draftFrom (read: (name: CreateParameterName) => Reading): Draft {
  const problems = new Problems()
  const parameters: Record<string, unknown> = {}
  for (const name of CREATE_PARAMETER_NAMES) {
    const reading = read(name)
    if (reading === undefined) {
      const fallback: unknown = LoadRequest.properties[name].default
      if (fallback === undefined) problems.add(name, `${name} is missing: ${EXPECTATIONS[name]}`)
      else parameters[name] = fallback
    } else if ('problem' in reading) {
      problems.add(name, reading.problem)
    } else {
      parameters[name] = reading.value
    }
  }
  Value.Assert(KnownParameters, parameters)
  return { parameters, problems }
}

/** The parameters that host code may leave out are those with a default. */
export type LoadRequestInput = Pick<LoadRequest, 'start' | 'class' | 'ingroup'> & Partial<LoadRequest>

/** A draft of what host code passed in. */
export function draftFromCode (input: LoadRequestInput): Draft {
  return draftFrom(name => {
    const value: unknown = input[name]
    if (value === undefined) return undefined
    return Value.Check(LoadRequest.properties[name], value) ? { value } : { problem: EXPECTATIONS[name] }
  })
}
