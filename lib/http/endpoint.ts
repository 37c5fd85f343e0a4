import type { TObject, TSchema } from '@sinclair/typebox'
import type { IncomingMessage } from 'node:http'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { Departure } from '../concurrency/departure.js'
import { InvalidOptionsError } from '../errors.js'
import { MAX_FILE_BYTES } from '../import/decode.js'
import { UnconfirmedPersonError } from '../loads/unconfirmed-person.js'
import { parseCredentials, parseTextParameters } from '../parameters/from-text.js'
import type { RawParameters } from '../parameters/raw.js'
import { hostSchemaOf } from '../parameters/schema.js'
import type { Authenticator, Authorize, CachedPerson } from '../people/person.js'
import { sourceOf } from '../people/source.js'
import type { Actor } from '../repository/insert-load.js'
import type { NumberService } from '../service.js'
import { MAX_PARAMETERS_LENGTH } from './body-size.js'
import { Envelope, sendEnvelope, type EnvelopeContent, type HttpStatus } from './envelope.js'
import { mediaTypeMessage, sendError } from './error-handler.js'
import {
  ClientGoneError, ForbiddenError, MethodNotAllowedError, NotFoundError, UnauthenticatedError, UnsupportedMediaTypeError
} from './errors.js'
import { HeldBodies } from './held-body.js'
import { inTurn } from './in-turn.js'
import { logRequest } from './log-serializers.js'
import { isReadable, mediaTypeOf, readRawParameters, type Body } from './raw-parameters.js'
import { replySchemas } from './reply-schemas.js'
import { requestSchemas } from './request-schemas.js'

/** A call whose caller has the privilege of the endpoint. */
export interface EndpointCall {
  readonly raw: RawParameters
  /** The body, if it is a file and the endpoint accepts files. */
  readonly file: Uint8Array | undefined
  readonly person: CachedPerson
  /** The person, the network address (`null` for a Unix socket) and the identifier of the request. */
  readonly actor: Actor
  readonly request: FastifyRequest
  /** Reported when the client closes its connection before it has its reply. */
  readonly departure: Departure
}

/** The reply of a successful call; the error handler replies to errors. */
export interface EndpointReply extends EnvelopeContent {
  readonly code: number
  readonly message: string
}

/** One endpoint: everything that is specific to it. */
export interface Endpoint {
  /** Follows the prefix, and is also the path of its file below `api/`. */
  readonly path: string
  readonly privilege: string
  readonly summary: string
  readonly description: string
  /** The parameter table, without the credentials. */
  readonly parameters: TObject
  /** The meanings of its own codes. */
  readonly replies: Readonly<Record<number, string>>
  /** The schema of `data` in the envelope. */
  readonly data: TSchema
  /** Whether a successful call creates a load or change, unless it only validates. */
  readonly leavesRecord?: true
  /** An example of each success, for the OpenAPI description. */
  readonly examples?: readonly EndpointReply[]
  /** Whether the person may be cached; `handle` then throws UnconfirmedPersonError unless it has checked the fingerprint. */
  readonly acceptsCachedPerson: boolean
  /** Whether a body may also be a text/csv or text/plain file; then bodies may be as large as files. */
  readonly acceptsFile?: true
  readonly handle: (service: NumberService, call: EndpointCall) => Promise<EndpointReply>
}

/** How the OpenAPI description of the host shows the endpoints; see the option `openapi`. */
export interface OpenApi {
  readonly tags?: string[]
  readonly security?: Array<Record<string, string[]>>
  readonly hide: boolean
  readonly areCredentialsRequired: boolean
}

interface RouteOptions {
  readonly endpoint: Endpoint
  readonly service: NumberService
  readonly authenticator: Authenticator
  readonly authorize: Authorize | undefined
  readonly openapi: OpenApi
  readonly httpStatus: HttpStatus
}

interface Route {
  Body: Body | undefined
}

// Separately, so that bodies of callers who are not authenticated do not prevent those of others.
const PARAMETER_BODIES = new HeldBodies()
const FILE_BODIES = new HeldBodies()

const HIDDEN_SCHEMA = { hide: true, response: {} }

/** The routes of one endpoint, in a scope of their own below its path. */
export const endpointRoutes: FastifyPluginAsync<RouteOptions> = async (scope, options) => {
  const { endpoint, service, authenticator, authorize, openapi, httpStatus } = options

  // These routes read and write the same bytes with any settings that the host has for its own routes.
  scope.setValidatorCompiler(() => () => true)
  scope.setSerializerCompiler(() => JSON.stringify)
  scope.setErrorHandler((error, request, reply) => sendError(error, request, reply, httpStatus))
  scope.removeAllContentTypeParsers()
  if (endpoint.acceptsFile === true) {
    const replied = new WeakMap<FastifyRequest, Promise<void>>()
    scope.addHook('preParsing', (request, reply, _payload, done) => {
      replied.set(request, new Promise(resolve => { reply.raw.once('close', resolve) }))
      done()
    })
    scope.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage): Promise<Body> => (
      { mediaType: mediaTypeOf(request), content: await PARAMETER_BODIES.receive(payload, replied.get(request)) }
    ))
    scope.addContentTypeParser(['text/csv', 'text/plain'], async (request: FastifyRequest, file: IncomingMessage): Promise<Body> => (
      { mediaType: mediaTypeOf(request), content: Buffer.of(), file }
    ))
  } else {
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, content: Buffer): Promise<Body> => (
      { mediaType: mediaTypeOf(request), content }
    ))
  }
  // Fastify refuses a malformed Content-Type even without a body that it could describe, except for GET.
  scope.addHook('onRequest', (request, _reply, done) => {
    if (request.method !== 'GET' && mediaTypeOf(request) === undefined) delete request.raw.headers['content-type']
    done()
  })

  // Not a serializer of each route, because calls without a route are logged as well.
  const { childLoggerFactory } = scope
  scope.setChildLoggerFactory((logger, bindings, options, request) => {
    const serializers = { req: logRequest }
    // Fastify inherits serializers by prototype, and the logger looks for them there.
    Object.setPrototypeOf(serializers, options.serializers ?? null)
    return childLoggerFactory.call(scope, logger, bindings, { ...options, serializers }, request)
  })

  const common = {
    prefixTrailingSlash: 'both',
    exposeHeadRoute: false,
    bodyLimit: endpoint.acceptsFile === true ? MAX_FILE_BYTES : MAX_PARAMETERS_LENGTH,
    // The transform of a host with Zod throws for any other schema.
    config: { swaggerTransform: false }
  } as const
  const { summary, description } = endpoint
  const { areCredentialsRequired, ...operations } = openapi
  // The security of the host's own operations does not apply if the credentials are parameters.
  const security = operations.security ?? (areCredentialsRequired ? [] : undefined)
  const { querystring, body } = requestSchemas(endpoint.parameters, { areCredentialsRequired })
  const hostSchema = hostSchemaOf(endpoint.parameters)
  scope.addSchema(Envelope)
  const response = replySchemas(endpoint)
  const described = { summary, description, ...operations, ...security !== undefined && { security }, response }
  const operation = scope.prefix.slice(1).replaceAll('/', '-')
  scope.route<Route>({
    ...common,
    method: 'POST',
    url: '/',
    // Forms are accepted too. If they were described, clients from some generators would send multipart/form-data, which is not.
    schema: { ...described, operationId: `${operation}-post`, consumes: ['application/json'], body },
    handler: call
  })
  scope.route<Route>({
    ...common,
    method: 'GET',
    url: '/',
    schema: { ...described, operationId: `${operation}-get`, querystring },
    handler: call
  })
  scope.route({
    ...common,
    method: scope.supportedMethods.filter(method => method !== 'GET' && method !== 'POST'),
    url: '/',
    schema: HIDDEN_SCHEMA,
    onRequest: async (request, reply) => {
      // A CORS plugin of the host may answer in a later hook, or leave the reply to the handler.
      if (!isPreflight(request)) await throwMethodNotAllowed(request, reply)
    },
    handler: async (request, reply) => (
      reply.hasHeader('access-control-allow-origin') ? reply.code(204).send() : await throwMethodNotAllowed(request, reply))
  })
  scope.route({
    ...common,
    method: scope.supportedMethods,
    url: '/*',
    schema: HIDDEN_SCHEMA,
    onRequest: throwNotFound,
    handler: throwNotFound
  })

  // Node.js accepts methods that Fastify has no routes for.
  scope.setNotFoundHandler<{ Params: { '*'?: string } }>((request, reply) => (
    request.params['*'] ? throwNotFound() : throwMethodNotAllowed(request, reply)))

  async function call (request: FastifyRequest<Route>, reply: FastifyReply<Route>): Promise<FastifyReply> {
    const { body } = request
    const departure = departureOfClient(reply)
    if (body !== undefined && !isReadable(body)) {
      throw new UnsupportedMediaTypeError(mediaTypeMessage(endpoint.acceptsFile === true))
    }
    const raw = body !== undefined && body.content.length > MAX_PARAMETERS_LENGTH
      ? await inTurn(() => readRawParameters(request.url, body))
      : readRawParameters(request.url, body)
    const credentials = parseCredentials(raw)
    const source = sourceOf(request)

    const handle = async (mayBeCached: boolean): Promise<EndpointReply> => {
      const person = await authenticator(request, credentials, mayBeCached)
      if (person === null) throw new UnauthenticatedError()
      if (!person.privileges.includes(endpoint.privilege)) {
        throw person.fingerprint === undefined ? new ForbiddenError() : new UnconfirmedPersonError()
      }
      if (!await isAuthorized(person, raw, request)) throw new ForbiddenError()
      // Fastify also accepts a function genReqId that returns a number.
      const requestId: unknown = request.id
      const actor = { person: person.username, source, requestId: String(requestId) }
      const handleFile = (file?: Buffer): Promise<EndpointReply> => (
        endpoint.handle(service, { raw, file, person, actor, request, departure }))
      // The body is received first, so that no other call waits for a slow client.
      return await (body?.file === undefined ? handleFile() : FILE_BODIES.hold(body.file, handleFile))
    }
    const { code, message, ...content } = await handle(endpoint.acceptsCachedPerson).catch(async (error: unknown) => {
      if (error instanceof UnconfirmedPersonError) return await handle(false)
      throw error
    })
    return sendEnvelope(reply, httpStatus, code, [{ key: '', message }], content)
  }

  async function isAuthorized (
    { username, privileges, fingerprint }: CachedPerson, raw: RawParameters, request: FastifyRequest
  ): Promise<boolean> {
    if (authorize === undefined) return true
    const { parameters } = parseTextParameters(hostSchema, raw)
    const answer: unknown = await authorize({ username, privileges }, { endpoint: endpoint.path.slice(1), parameters }, request)
    if (typeof answer !== 'boolean') throw new InvalidOptionsError('option authorize must return true or false')
    if (!answer && fingerprint !== undefined) throw new UnconfirmedPersonError()
    return answer
  }
}

/** Returns a departure that is reported when the client closes its connection before it has its reply. */
function departureOfClient (reply: FastifyReply): Departure {
  const departure = new Departure()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) departure.report(new ClientGoneError())
  })
  return departure
}

function isPreflight ({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

// Both are also hooks, so that the body of a refused call is not read.
async function throwMethodNotAllowed (_request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header('allow', 'GET, POST')
  throw new MethodNotAllowedError()
}

async function throwNotFound (): Promise<never> {
  throw new NotFoundError()
}
