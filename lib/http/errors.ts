import { createError } from '@fastify/error'

/** The credentials are missing or wrong, or the person is disabled (specification: 401). */
export const UnauthenticatedError = createError('TELCO_NUMBERS_UNAUTHENTICATED', 'credentials missing or wrong', 401)

/** The role of the person lacks the privilege of the endpoint (specification: 402). */
export const ForbiddenError = createError('TELCO_NUMBERS_FORBIDDEN', 'role without the privilege', 402)

/** Nothing exists below the path of an endpoint. */
export const NotFoundError = createError('TELCO_NUMBERS_NOT_FOUND', 'not found', 404)

/** The method is neither GET nor POST. */
export const MethodNotAllowedError = createError('TELCO_NUMBERS_METHOD_NOT_ALLOWED', 'method not allowed', 405)

/** The client closed its connection while its call waited in a queue; nothing was done. */
export const ClientGoneError = createError('TELCO_NUMBERS_CLIENT_GONE', 'the client has disconnected', 408)

/** The parameters of a body, without the file, are too large. */
export const BodyTooLargeError = createError('TELCO_NUMBERS_BODY_TOO_LARGE', 'body too large', 413)

/** The body has a media type that holds no parameters; the message is for the caller, and has those that the endpoint reads. */
export const UnsupportedMediaTypeError = createError<[string]>('TELCO_NUMBERS_UNSUPPORTED_MEDIA_TYPE', '%s', 415)
