import { Type, type Static } from '@sinclair/typebox'
import { hostSchemaOf } from './schema.js'

/** The parameters of `numbers/system/get` after the credentials, as in the specification's table. */
export const GetParameters = Type.Object({
  number: Type.String({
    pattern: '^[0-9]{1,32}$',
    description: 'The number: 1 to 32 digits.',
    hint: 'must be 1 to 32 digits, digits only: no +, spaces or dashes'
  })
})

/** The same parameters for host code. */
export const GetRequest = hostSchemaOf(GetParameters)

export type GetRequest = Static<typeof GetRequest>
