import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { InvalidParametersError, ThrottledError } from '../errors.js'
import { sendEnvelope, type HttpStatus } from './send-envelope.js'

/** What a person reads instead of the error's own message, which is not meant for the caller (401, 402: specification). */
const MESSAGES: Readonly<Record<number, string>> = {
  401: 'The authentication details provided are invalid.',
  402: 'Your role does not allow this.',
  404: 'There is no such function.',
  405: 'Only GET and POST are allowed.',
  413: 'The body is too large.',
  415: 'Send the parameters as application/x-www-form-urlencoded or application/json.',
  429: 'Too many requests: try again later.',
  500: 'The service failed. The operator finds the cause in its log.',
  503: 'The service is busy or its database cannot be reached: try again later.'
}

/** Seconds after which a service that was busy, closed or without its database may be well again. */
const PAUSE = 5

/** Sends any error as an envelope; those that are nobody's fault outside go to the log. */
export function sendError (error: unknown, request: FastifyRequest, reply: FastifyReply, httpStatus: HttpStatus): FastifyReply {
  if (error instanceof InvalidParametersError) return sendEnvelope(reply, httpStatus, 400, error.issues)
  const code = statusOf(error)
  const retryAfter = error instanceof ThrottledError ? error.retryAfter : code === 503 ? PAUSE : undefined
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter)
  if (code >= 500) request.log.error({ err: error }, 'numbers/system/create failed')
  return sendEnvelope(reply, httpStatus, code, [{ key: '', message: MESSAGES[code] ?? `${STATUS_CODES[code]}.` }])
}

function statusOf (error: unknown): number {
  const { statusCode } = error instanceof Object && 'statusCode' in error ? error : { statusCode: 500 }
  return typeof statusCode === 'number' && statusCode in STATUS_CODES && statusCode >= 400 ? statusCode : 500
}
