import { Type, type Static } from '@sinclair/typebox'
import { CreateParameters } from './create.js'
import { GetParameters } from './get.js'
import { flag, hostSchemaOf, identifier, lastNumber } from './schema.js'

const { alias, stype } = CreateParameters.properties

/**
 * The parameters of `numbers/system/update` after the credentials: those of the specification's table, in its order, and then our
 * additions. If an optional one is not sent, the numbers keep the current value.
 */
export const UpdateParameters = Type.Object({
  ...GetParameters.properties,
  alias: Type.Optional(Type.String({
    pattern: String(alias.pattern),
    emptyIsValue: true,
    description: 'Alias of the first number; the aliases of the following numbers count up. Sent empty, it removes the aliases.',
    hint: String(alias.hint)
  })),
  class: Type.Optional(identifier('Number class of the numbers.')),
  customer: Type.Optional(identifier('Customer to whom the numbers are assigned; 0 for no customer. No customer is charged.')),
  region: Type.Optional(identifier('Region of the numbers; 0 for no region.')),
  shortcut: flag('Must be 0: no calls are routed here.'),
  validation: flag('1 checks the input and changes nothing, 0 changes the numbers.'),
  end: lastNumber('Not in the specification. Last number to change, with as many digits as number. Empty for the one number.'),
  ingroup: Type.Optional(identifier('Not in the specification. Inbound group of the numbers.')),
  stype: Type.Optional(Type.Union(stype.anyOf, {
    description: 'Not in the specification. number for ordinary numbers, callerid for numbers used as caller ID only.',
    hint: String(stype.hint)
  }))
})

/** The same parameters for host code: the flags are booleans. */
export const UpdateRequest = hostSchemaOf(UpdateParameters)

export type UpdateRequest = Static<typeof UpdateRequest>

/** The parameters of `update` in host code. */
export type UpdateInput = Pick<UpdateRequest, 'number'> & Partial<UpdateRequest>
