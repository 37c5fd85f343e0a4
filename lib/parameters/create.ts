import { Type, type Static } from '@sinclair/typebox'
import { flag, hostSchemaOf, identifier, lastNumber } from './schema.js'

/**
 * The parameters of `numbers/system/create` after the credentials, in the order of the specification's table;
 * `stype` is from version 4.0. A parameter with a default is optional.
 */
export const CreateParameters = Type.Object({
  start: Type.String({
    pattern: '^[0-9]{1,32}$',
    description: 'First number to add: 1 to 32 digits, leading zeros kept.',
    examples: ['2125550000'],
    hint: 'must be 1 to 32 digits, digits only: no +, spaces or dashes'
  }),
  class: identifier('Number class of the numbers.', { examples: [1] }),
  ingroup: identifier('Inbound group of the numbers.', { examples: [2] }),
  alias: Type.String({
    pattern: '^(\\+?[0-9]{1,32})?$',
    default: '',
    description: 'Alias of the first number, an optional + and 1 to 32 digits; the aliases of the following numbers count up. Empty for no aliases.',
    hint: 'must be an optional + (%2B in a URL) and 1 to 32 digits, digits only: no spaces or dashes'
  }),
  charge_customer: flag('1 charges the customer for the numbers, 0 does not.'),
  customer: identifier('Customer to whom the numbers are assigned; 0 leaves them in the pool for any customer to buy.', { default: 0 }),
  end: lastNumber('Last number to add, with as many digits as start. Empty to add the one number start.'),
  region: identifier('Region of the numbers; 0 for no region.', { default: 0 }),
  validation: flag('1 checks the input and adds nothing, 0 adds the numbers.'),
  stype: Type.Union([Type.Literal('number'), Type.Literal('callerid')], {
    default: 'number',
    description: 'number for ordinary numbers, callerid for numbers used as caller ID only.',
    hint: 'must be number or callerid'
  })
})

/** The same parameters for host code: the flags are booleans. */
export const CreateRequest = hostSchemaOf(CreateParameters)

export type CreateRequest = Static<typeof CreateRequest>

/** The parameters of `create` in host code; those with a default are optional. */
export type CreateInput = Pick<CreateRequest, 'start' | 'class' | 'ingroup'> & Partial<CreateRequest>
