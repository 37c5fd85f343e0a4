import { Type, type Static } from '@sinclair/typebox'
import { GetParameters } from './get.js'
import { flag, hostSchemaOf, lastNumber } from './schema.js'

/** The parameters of `numbers/system/delete` after the credentials: the specification's, and then our additions. */
export const DeleteParameters = Type.Object({
  ...GetParameters.properties,
  end: lastNumber('Not in the specification. Last number to delete, with as many digits as number. Empty for the one number.'),
  validation: flag('Not in the specification. 1 checks the input and deletes nothing, 0 deletes the numbers.'),
  refund: flag('Not in the specification. 1 gives each payer back what the numbers cost when they were loaded, 0 gives nothing back.')
})

/** The same parameters for host code: the flags are booleans. */
export const DeleteRequest = hostSchemaOf(DeleteParameters)

export type DeleteRequest = Static<typeof DeleteRequest>

/** The parameters of `delete` in host code. */
export type DeleteInput = Pick<DeleteRequest, 'number'> & Partial<DeleteRequest>
