import type { TObject, TSchema } from '@sinclair/typebox'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { UnconfirmedPersonError } from '../loads/unconfirmed-person.js'
import { parseCredentials } from '../parameters/from-text.js'
import type { RawParameters } from '../parameters/raw.js'
import { requestSchemaOf } from '../parameters/schema.js'
import type { Authenticator, CachedPerson } from '../people/person.js'
import { sourceOf } from '../people/source.js'
import type { NumberService } from '../service.js'
import { sendEnvelope, type HttpStatus } from './envelope.js'
import { sendError } from './error-handler.js'
import {
  ClientGoneError, ForbiddenError, MethodNotAllowedError, NotFoundError, UnauthenticatedError, UnsupportedMediaTypeError
} from './errors.js'
import { logRequest } from './log-serializers.js'
import { isReadable, mediaTypeOf, readRawParameters, type Body } from './raw-parameters.js'
import { replySchemas } from './reply-schemas.js'

/** A call whose caller has the privilege of the endpoint. */
export interface EndpointCall {
  readonly raw: RawParameters
  readonly person: CachedPerson
  /** Network address of the caller; `null` for a Unix socket. */
  readonly source: string | null
  readonly request: FastifyRequest
  /** Aborted when the client closes its connection before it has its reply. */
  readonly signal: AbortSignal
}

/** What an endpoint replies with; errors reply for themselves. */
export interface EndpointReply {
  readonly code: number
  readonly message: string
  readonly data: { readonly count: number }
}

/** One endpoint: everything about it that others do not share. */
export interface Endpoint {
  /** Follows the prefix; is also the path of its file below `api/`. */
  readonly path: string
  readonly privilege: string
  readonly summary: string
  readonly description: string
  /** The parameter table, without the credentials. */
  readonly parameters: TObject
  /** What the codes of its own mean. */
  readonly replies: Readonly<Record<number, string>>
  /** The schema of `data` in the envelope. */
  readonly data: TSchema
  /** Whether the person may be cached; `handle` then throws UnconfirmedPersonError unless it has checked the fingerprint. */
  readonly acceptsCachedPerson: boolean
  readonly handle: (service: NumberService, call: EndpointCall) => Promise<EndpointReply>
}

interface RouteOptions {
  readonly endpoint: Endpoint
  readonly service: NumberService
  readonly authenticator: Authenticator
  readonly httpStatus: HttpStatus
}

interface Route {
  Body: Body | undefined
}

/** The parameters of the longest sensible call are a twentieth of it. */
const MAX_BODY_BYTES = 65_536

const HIDDEN_SCHEMA = { hide: true, response: {} }

/** The routes of one endpoint, in a scope of their own below its path. */
export const endpointRoutes: FastifyPluginAsync<RouteOptions> = async (scope, options) => {
  const { endpoint, service, authenticator, httpStatus } = options

  // Whatever the host has set up for its own routes, these read and write the same bytes.
  scope.setValidatorCompiler(() => () => true)
  scope.setSerializerCompiler(() => JSON.stringify)
  scope.setErrorHandler((error, request, reply) => sendError(error, request, reply, httpStatus))
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, content: Buffer): Promise<Body> => (
    { mediaType: mediaTypeOf(request), content }
  ))
  // Fastify refuses a malformed Content-Type even without a body that it could describe.
  scope.addHook('onRequest', async request => {
    if (mediaTypeOf(request) === undefined) delete request.raw.headers['content-type']
  })

  // Not a serializer of each route: calls that Fastify has no route for are logged as well.
  const { childLoggerFactory } = scope
  scope.setChildLoggerFactory((logger, bindings, options, request) => {
    const serializers = { req: logRequest }
    // Fastify hands serializers down by prototype, and the logger looks for them there.
    Object.setPrototypeOf(serializers, options.serializers ?? null)
    return childLoggerFactory.call(scope, logger, bindings, { ...options, serializers }, request)
  })

  const common = { prefixTrailingSlash: 'both', exposeHeadRoute: false, bodyLimit: MAX_BODY_BYTES } as const
  const { summary, description } = endpoint
  const parameters = requestSchemaOf(endpoint.parameters)
  const described = { summary, description, response: replySchemas(endpoint) }
  const operation = scope.prefix.slice(1).replaceAll('/', '-')
  scope.route<Route>({
    ...common,
    method: 'GET',
    url: '/',
    schema: { ...described, operationId: `${operation}-get`, querystring: parameters },
    handler: call
  })
  scope.route<Route>({
    ...common,
    method: 'POST',
    url: '/',
    schema: {
      ...described,
      operationId: `${operation}-post`,
      consumes: ['application/x-www-form-urlencoded', 'application/json'],
      body: parameters
    },
    handler: call
  })
  scope.route({
    ...common,
    method: scope.supportedMethods.filter(method => method !== 'GET' && method !== 'POST'),
    url: '/',
    schema: HIDDEN_SCHEMA,
    onRequest: throwMethodNotAllowed,
    handler: throwMethodNotAllowed
  })
  scope.route({
    ...common,
    method: scope.supportedMethods,
    url: '/*',
    schema: HIDDEN_SCHEMA,
    onRequest: throwNotFound,
    handler: throwNotFound
  })

  // Node.js reads methods that Fastify has no routes for.
  scope.setNotFoundHandler<{ Params: { '*'?: string } }>((request, reply) => (
    request.params['*'] ? throwNotFound() : throwMethodNotAllowed(request, reply)))

  async function call (request: FastifyRequest<Route>, reply: FastifyReply<Route>): Promise<FastifyReply> {
    const { body } = request
    if (body !== undefined && !isReadable(body)) throw new UnsupportedMediaTypeError()
    const raw = readRawParameters(request.url, body)
    const credentials = parseCredentials(raw)
    const source = sourceOf(request)
    const signal = signalOfClient(reply)

    const handle = async (mayBeCached: boolean): Promise<EndpointReply> => {
      const person = await authenticator(request, credentials, mayBeCached)
      if (person === null) throw new UnauthenticatedError()
      if (!person.privileges.includes(endpoint.privilege)) {
        throw person.fingerprint === undefined ? new ForbiddenError() : new UnconfirmedPersonError()
      }
      return await endpoint.handle(service, { raw, person, source, request, signal })
    }
    const { code, message, data } = await handle(endpoint.acceptsCachedPerson).catch(async (error: unknown) => {
      if (error instanceof UnconfirmedPersonError) return await handle(false)
      throw error
    })
    return sendEnvelope(reply, httpStatus, code, [{ key: '', message }], data)
  }
}

/** Returns a signal that is aborted when the client closes its connection before it has its reply. */
function signalOfClient (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new ClientGoneError())
  })
  return controller.signal
}

// Both are hooks as well, so that no body is read for a call that is refused.
async function throwMethodNotAllowed (_request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header('allow', 'GET, POST')
  throw new MethodNotAllowedError()
}

async function throwNotFound (): Promise<never> {
  throw new NotFoundError()
}
