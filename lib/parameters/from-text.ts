import { KindGuard, type Static, type TObject, type TSchema } from '@sinclair/typebox'
import { describeInvisible } from './invisible.js'
import { parseParameters, type ParsedParameters, type Reading } from './parse.js'
import type { RawParameters, RawValue } from './raw.js'
import { Credentials } from './schema.js'

/** Maximum count of characters of a credential: as long as the whole body of any call without a file. */
const MAX_CREDENTIAL_LENGTH = 65_536

/** Returns the credentials as they were sent; missing, unreadable or longer ones are empty, so they are never valid. */
export function parseCredentials ({ values }: RawParameters): Static<typeof Credentials> {
  const textOf = (name: string): string => {
    const value = values.get(name)
    return value?.kind === 'text' && value.text.length <= MAX_CREDENTIAL_LENGTH ? value.text : ''
  }
  return { auth_username: textOf('auth_username'), auth_password: textOf('auth_password') }
}

/** Parses the text of a request or of a command line by the parameter table for host code. */
export function parseTextParameters<Schema extends TObject> (schema: Schema, raw: RawParameters): ParsedParameters<Schema> {
  const { values, repeated, bodyIssue } = raw
  const parsed = parseParameters(schema, values.keys(), name => {
    const value = values.get(name)
    if (repeated.has(name)) return { issue: repeatedIssue(name) }
    // Many clients send null for a parameter that they do not set.
    if (value === undefined || value.kind === 'json null' || isEmpty(value, schema.properties[name])) return undefined
    return readingOf(name, schema.properties[name], value)
  })
  if (bodyIssue !== undefined) parsed.issues.add('', bodyIssue)
  for (const name of Object.keys(Credentials.properties)) {
    if (repeated.has(name)) parsed.issues.add(name, repeatedIssue(name))
  }
  return parsed
}

function isEmpty ({ kind, text }: RawValue & { readonly text?: string }, schema: TSchema | undefined): boolean {
  return kind === 'text' && text === '' && schema?.emptyIsValue !== true
}

/** The JSON types that no parameter accepts, except flags. */
const JSON_TYPES: Partial<Record<RawValue['kind'], string>> = {
  'json boolean': 'true or false', 'json list': 'a list', 'json object': 'an object'
}

function repeatedIssue (name: string): string {
  return `${name} is given more than once: send it once, in the query or in the body`
}

function readingOf (name: string, schema: TSchema | undefined, raw: RawValue): Reading {
  if (raw.kind === 'unreadable') return { issue: `${name} ${raw.issue}` }
  if (raw.kind === 'json number' && KindGuard.IsString(schema)) {
    return { issue: `${name} must be a JSON string, because a number loses leading zeros` }
  }
  if (raw.kind === 'json boolean' && KindGuard.IsBoolean(schema)) return { value: raw.text === 'true' }
  const type = JSON_TYPES[raw.kind]
  return type === undefined
    ? { value: valueOf(schema, raw.text), remark: () => describeInvisible(raw.text) }
    : { value: null, remark: () => `, not ${type}` }
}

/** Returns the value in the type of its schema, or the text itself, which the schema then refuses. */
export function valueOf (schema: TSchema | undefined, text: string): unknown {
  if (KindGuard.IsBoolean(schema)) return text === '1' || (text === '0' ? false : text)
  if (KindGuard.IsInteger(schema)) return /^[0-9]+$/.test(text) ? Number(text) : text
  return text
}
