import { KindGuard, type TObject, type TSchema } from '@sinclair/typebox'
import { Credentials } from '../parameters/schema.js'

interface RequestSchemas {
  readonly querystring: object
  readonly body: object
}

/**
 * Returns the OpenAPI description of the parameters, with the keywords that its versions and Swagger 2.0 share. Parameters with a
 * default are not required; credentials are, unless the host application authenticates by other means.
 */
export function requestSchemas (
  table: TObject, { areCredentialsRequired }: { readonly areCredentialsRequired: boolean }
): RequestSchemas {
  const credentials = areCredentialsRequired ? Object.keys(Credentials.properties) : []
  const properties = Object.entries({ ...Credentials.properties, ...table.properties })
  const needed = Object.entries(table.properties)
    .filter(([, schema]) => schema.default === undefined && !KindGuard.IsOptional(schema))
  const required = [...credentials, ...needed.map(([name]) => name)]
  const schemaOf = (describe: (example: unknown) => object): object => ({
    type: 'object',
    properties: Object.fromEntries(properties.map(([name, schema]) => {
      const example = exampleOf(schema)
      return [name, { ...plain(schema), ...example !== undefined && describe(example) }]
    })),
    required
  })
  const example = Object.fromEntries(properties.flatMap(([name, schema]) => (
    required.includes(name) ? [[name, exampleOf(schema)]] : [])))
  return {
    // A parameter of Swagger 2.0 has no example; @fastify/swagger turns the extension into that of OpenAPI.
    querystring: schemaOf(value => ({ 'x-examples': { example: { value } } })),
    body: { ...schemaOf(example => ({ example })), example }
  }
}

/** Returns the schema with the keywords of every version only: without ours, and with `enum` for a union of constants. */
function plain (schema: TSchema): object {
  const keywords = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !['hint', 'examples', 'anyOf', 'emptyIsValue'].includes(keyword)))
  if (!KindGuard.IsUnion(schema)) return keywords
  const constants = schema.anyOf.filter(KindGuard.IsLiteral).map(option => option.const)
  return { type: typeof constants[0] === 'number' ? 'integer' : 'string', enum: constants, ...keywords }
}

function exampleOf ({ examples }: TSchema): unknown {
  return Array.isArray(examples) ? examples[0] : undefined
}
