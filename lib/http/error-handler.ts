import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { InvalidParametersError, NumberNotFoundError } from '../errors.js'
import { ThrottledError } from '../people/throttled-error.js'
import { sendEnvelope, type HttpStatus } from './envelope.js'
import { UnsupportedMediaTypeError } from './errors.js'

/** The messages for callers (401, 402: specification). The messages of the errors themselves are for operators. */
export const MESSAGES: Readonly<Record<number, string>> = {
  401: 'The authentication details provided are invalid.',
  402: 'Your role does not allow this.',
  404: 'This endpoint does not exist.',
  405: 'Only GET and POST are allowed.',
  413: 'The body is too large.',
  415: mediaTypeMessage(false),
  429: 'Too many requests: try again later.',
  500: 'The service failed. Its log has the cause.',
  503: 'The service is busy or its database cannot be reached: try again later.'
}

/** Seconds after which a service that was busy, closing or without its database may have recovered. */
const RETRY_AFTER_SECONDS = 5

/** Sends any error as an envelope, and logs failures of the service. */
export function sendError (error: unknown, request: FastifyRequest, reply: FastifyReply, httpStatus: HttpStatus): FastifyReply {
  if (error instanceof InvalidParametersError) return sendEnvelope(reply, httpStatus, 400, error.issues)
  if (error instanceof NumberNotFoundError) {
    return sendEnvelope(reply, httpStatus, 404, [{ key: 'number', message: error.message }])
  }
  const code = statusOf(error)
  const retryAfter = error instanceof ThrottledError ? error.retryAfter : code === 503 ? RETRY_AFTER_SECONDS : undefined
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter)
  if (code >= 500) request.log.error({ err: error }, `${String(request.routeOptions.url)} failed`)
  const message = error instanceof UnsupportedMediaTypeError ? error.message : MESSAGES[code] ?? `${STATUS_CODES[code]}.`
  return sendEnvelope(reply, httpStatus, code, [{ key: '', message }])
}

function statusOf (error: unknown): number {
  const { statusCode } = error instanceof Object && 'statusCode' in error ? error : { statusCode: 500 }
  return typeof statusCode === 'number' && statusCode in STATUS_CODES && statusCode >= 400 ? statusCode : 500
}

/** Returns which media types a body may have. */
export function mediaTypeMessage (acceptsFile: boolean): string {
  return `Send the parameters as application/x-www-form-urlencoded or application/json${acceptsFile ? ', or the file as text/csv or text/plain' : ''}.`
}
