import { Type, type Static, type TObject } from '@sinclair/typebox'

const MAX_IDENTIFIER = 2_147_483_647

function identifier (description: string, options: { default?: number } = {}) {
  return Type.Integer({ minimum: 0, maximum: MAX_IDENTIFIER, description, ...options })
}

function flag (description: string) {
  return Type.Union([Type.Literal(0), Type.Literal(1)], { default: 0, description })
}

/** Marks credentials in the OpenAPI description, where only `format: password` has a word for them. */
const CREDENTIAL = { 'x-credential': true }

/** The credentials of the parameter table. They are read apart from the rest, and go nowhere but to `authenticate`. */
export const Credentials = Type.Object({
  auth_username: Type.String({ description: 'Username of the person who calls.', ...CREDENTIAL }),
  auth_password: Type.String({ description: 'Password of that person.', format: 'password', ...CREDENTIAL })
})

/**
 * The parameters of `numbers/system/create` after the credentials, in the order of the specification's table;
 * `stype` comes from version 4.0. A property with a default is optional.
 */
export const CreateParameters = Type.Object({
  start: Type.String({
    pattern: '^[0-9]{1,32}$',
    description: 'First number to add: 1 to 32 digits, leading zeros kept.'
  }),
  class: identifier('Number class of the numbers.'),
  ingroup: identifier('Inbound group of the numbers.'),
  alias: Type.String({
    pattern: '^(\\+?[0-9]{1,32})?$',
    default: '',
    description: 'Alias of the first number, an optional + and 1 to 32 digits; the aliases of the following numbers count up. Empty for no aliases.'
  }),
  charge_customer: flag('1 charges the customer for the numbers, 0 does not.'),
  customer: identifier('Customer to whom the numbers are assigned; 0 leaves them in the pool for any customer to buy.', { default: 0 }),
  end: Type.String({
    pattern: '^([0-9]{1,32})?$',
    default: '',
    description: 'Last number to add, with as many digits as start. Empty to add the one number start.'
  }),
  region: identifier('Region of the numbers; 0 for no region.', { default: 0 }),
  validation: flag('1 checks the input and adds nothing, 0 adds the numbers.'),
  stype: Type.Union([Type.Literal('number'), Type.Literal('callerid')], {
    default: 'number',
    description: 'number for ordinary numbers, callerid for numbers used as caller ID only.'
  })
})

const AllParameters = Type.Composite([Credentials, CreateParameters])

/**
 * Every parameter of the function, credentials first, as the specification's table lists them and as a caller sees
 * them: those with a default are not required.
 */
export const RequestParameters: TObject = {
  ...AllParameters,
  required: Object.entries(AllParameters.properties).filter(([, schema]) => schema.default === undefined).map(([name]) => name)
}

/** The same parameters as host code gives them: the two flags are booleans. */
export const CreateRequest = Type.Object({
  ...CreateParameters.properties,
  charge_customer: Type.Boolean({ default: false }),
  validation: Type.Boolean({ default: false })
})

export type Credentials = Static<typeof Credentials>
export type CreateRequest = Static<typeof CreateRequest>
export type CreateParameterName = keyof CreateRequest
export type ParameterName = keyof Static<typeof AllParameters>

/** Parameter names in the order in which invalid ones are reported. */
export const PARAMETER_NAMES = Type.KeyOf(AllParameters).anyOf.map(name => name.const)
export const CREATE_PARAMETER_NAMES = Type.KeyOf(CreateRequest).anyOf.map(name => name.const)

/** What a right value looks like, for the person who sent a wrong one. */
export const EXPECTATIONS: Record<ParameterName, string> = {
  auth_username: 'auth_username must be text',
  auth_password: 'auth_password must be text',
  start: 'start must be 1 to 32 digits, digits only: no +, spaces or dashes',
  class: `class must be a whole number from 0 to ${MAX_IDENTIFIER}, digits only`,
  ingroup: `ingroup must be a whole number from 0 to ${MAX_IDENTIFIER}, digits only`,
  alias: 'alias must be an optional + (%2B in a URL) and 1 to 32 digits, digits only: no spaces or dashes',
  charge_customer: 'charge_customer must be 0 or 1',
  customer: `customer must be a whole number from 0 to ${MAX_IDENTIFIER}, digits only`,
  end: 'end must be 1 to 32 digits, digits only: no +, spaces or dashes',
  region: `region must be a whole number from 0 to ${MAX_IDENTIFIER}, digits only`,
  validation: 'validation must be 0 or 1',
  stype: 'stype must be number or callerid'
}
