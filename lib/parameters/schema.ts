import { KindGuard, Type, type TBoolean, type TLiteral, type TObject, type TProperties, type TSchema, type TUnion } from '@sinclair/typebox'

declare module '@sinclair/typebox' {
  interface SchemaOptions {
    /** Describes a valid value, for the sender of an invalid one: "must be …". */
    hint?: string
    /** Whether an empty text is a value, rather than the same as no text. */
    emptyIsValue?: boolean
  }
}

const MAX_IDENTIFIER = 2_147_483_647

type Flag = TUnion<[TLiteral<0>, TLiteral<1>]>

type HostProperties<Properties extends TProperties> = {
  [Name in keyof Properties]: Properties[Name] extends Flag ? TBoolean : Properties[Name]
}

/** A parameter that identifies a row: an integer of PostgreSQL, 0 or greater. */
export function identifier (description: string, options: { default?: number, examples?: number[] } = {}) {
  return Type.Integer({
    minimum: 0,
    maximum: MAX_IDENTIFIER,
    description,
    hint: `must be a whole number from 0 to ${MAX_IDENTIFIER}, digits only`,
    ...options
  })
}

/** A parameter that is 0 or 1, 0 by default. */
export function flag (description: string): Flag {
  return Type.Union([Type.Literal(0), Type.Literal(1)], { default: 0, description, hint: 'must be 0 or 1' })
}

/** A parameter that is the last number of a range, empty by default. */
export function lastNumber (description: string) {
  return Type.String({
    pattern: '^([0-9]{1,32})?$', default: '', description, hint: 'must be 1 to 32 digits, digits only: no +, spaces or dashes'
  })
}

/** The credentials of every parameter table. They are read separately, and only `authenticate` gets them. */
export const Credentials = Type.Object({
  auth_username: Type.String({ description: 'Username of the person who calls.', 'x-credential': true, examples: ['user'] }),
  // In OpenAPI, `format: password` is the only keyword for credentials.
  auth_password: Type.String({ description: 'Password of that person.', format: 'password', 'x-credential': true, examples: ['password'] })
})

/** Returns a parameter table for host code: the flags are booleans. */
export function hostSchemaOf<Properties extends TProperties> (table: TObject<Properties>): TObject<HostProperties<Properties>> {
  const properties = Object.entries(table.properties).map(([name, schema]) => (
    [name, isFlag(schema) ? Type.Boolean({ default: false, hint: String(schema.hint) }) : schema] as const))
  return Type.Object(Object.fromEntries(properties) as HostProperties<Properties>)
}

function isFlag (schema: TSchema): boolean {
  return KindGuard.IsUnion(schema) && schema.anyOf.every(option => KindGuard.IsLiteral(option) && typeof option.const === 'number')
}
