import createError from '@fastify/error'

/**
 * Nothing was done for a cached person: either they have changed since they were looked up, or the call is not one whose
 * statement can check that. The caller looks the person up and calls again.
 */
export const UnconfirmedPersonError = createError('TELCO_NUMBERS_UNCONFIRMED_PERSON', 'the person must be looked up first', 500)
