import { KindGuard, Type, type Static, type TObject, type TPartial, type TSchema } from '@sinclair/typebox'
import { assertValid, isValid } from './check.js'
import { describeInvisible } from './invisible.js'
import { Issues } from './issues.js'
import { findMisspelt } from './misspelt.js'
import { Credentials } from './schema.js'

/** The valid parameters of a call; each of the others has an issue. */
export interface ParsedParameters<Schema extends TObject> {
  readonly parameters: Static<TPartial<Schema>>
  readonly issues: Issues
}

/** One parameter as its source gives it, with an addition to the message if it is invalid; `undefined` if the source lacks it. */
export type Reading = { readonly value: unknown, readonly remark?: () => string } | { readonly issue: string } | undefined

/**
 * Parses parameters from any source, in which they have the `names`. Sets defaults, and collects an issue for each parameter that
 * is missing, invalid or misspelt.
 */
export function parseParameters<Schema extends TObject> (
  schema: Schema, names: Iterable<string>, read: (name: string) => Reading
): ParsedParameters<Schema> {
  const issues = new Issues(Object.keys(schema.properties))
  const known = [...Object.keys(Credentials.properties), ...Object.keys(schema.properties)]
  for (const name of names) {
    const meant = known.includes(name) ? undefined : findMisspelt(name, known)
    if (meant !== undefined) issues.add(name, `this parameter does not exist: use ${meant}${describeInvisible(name)}`)
  }
  const parameters: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    const reading: Exclude<Reading, undefined> = read(name) ?? { value: property.default }
    if ('issue' in reading) issues.add(name, reading.issue)
    else if (reading.value === undefined && KindGuard.IsOptional(property)) continue
    else if (reading.value === undefined) issues.add(name, `${name} is missing: ${name} ${String(property.hint)}`)
    else if (isValid(property, reading.value)) parameters[name] = reading.value
    else issues.add(name, `${name} ${String(property.hint)}${reading.remark?.() ?? ''}`)
  }
  assertValid(partialOf(schema), parameters)
  return { parameters, issues }
}

// Cached, because deriving one takes as long as the rest of the parsing.
const PARTIALS = new WeakMap<TObject, TSchema>()

function partialOf<Schema extends TObject> (schema: Schema): TPartial<Schema> {
  const known = PARTIALS.get(schema) as TPartial<Schema> | undefined
  if (known !== undefined) return known
  const partial = Type.Partial(schema)
  PARTIALS.set(schema, partial)
  return partial
}

/** Parses the parameters that host code passed. */
export function parseHostParameters<Schema extends TObject> (schema: Schema, input: object): ParsedParameters<Schema> {
  const values = new Map<string, unknown>(Object.entries(input))
  return parseParameters(schema, values.keys(), name => values.get(name) === undefined ? undefined : { value: values.get(name) })
}
