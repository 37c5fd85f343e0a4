import type { Static, TSchema } from '@sinclair/typebox'
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'

const COMPILED = new WeakMap<TSchema, TypeCheck<TSchema>>()

/**
 * As TypeBox's `Value.Check`, for schemas of this code. They are compiled at their first use, because each call checks a dozen
 * values.
 */
export function isValid<Schema extends TSchema> (schema: Schema, value: unknown): value is Static<Schema> {
  const known = COMPILED.get(schema)
  if (known !== undefined) return known.Check(value)
  const compiled = TypeCompiler.Compile<TSchema>(schema)
  COMPILED.set(schema, compiled)
  return compiled.Check(value)
}

/** @throws TypeError unless {@link isValid} */
export function assertValid<Schema extends TSchema> (schema: Schema, value: unknown): asserts value is Static<Schema> {
  if (!isValid(schema, value)) throw new TypeError('the value does not have the type of its schema')
}
