import createError from '@fastify/error'

/**
 * Nothing was done for a cached person: either the person has changed since the look-up, or the statement of the call cannot
 * check that. The caller looks the person up and calls again.
 */
export const UnconfirmedPersonError = createError('TELCO_NUMBERS_UNCONFIRMED_PERSON', 'the person must be looked up first', 500)
