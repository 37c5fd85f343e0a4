import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import {
  ClientGoneError, ForbiddenError, MethodNotAllowedError, NotFoundError, UnauthenticatedError, UnsupportedMediaTypeError
} from '../errors.js'
import type { Authentication, Person } from '../people/authenticator.js'
import type { CreatedLoad } from '../loads/create.js'
import { Envelope, RESPONSE_DESCRIPTIONS } from './envelope.js'
import type { Actor } from '../repository/insert-load.js'
import { RequestParameters } from '../parameters/create.js'
import type { NumberService } from '../service.js'
import { parseCredentials, parseTextParameters } from '../parameters/from-text.js'
import { sourceOf } from '../people/source.js'
import { logRequest } from './log-serializers.js'
import { isReadable, readParameters, type Body } from './raw-parameters.js'
import { sendEnvelope, type HttpStatus } from './send-envelope.js'
import { sendError } from './error-handler.js'

interface RouteOptions extends Authentication {
  readonly service: NumberService
  readonly httpStatus: HttpStatus
}

interface Route {
  Body: Body | undefined
}

const ENDPOINT_PRIVILEGE = 'system'

/** Bytes; the parameters of the longest sensible call are a twentieth of it. */
const MAX_BODY_BYTES = 65_536

const MEDIA_TYPE = /^\s*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)\s*(?:;|$)/

const DESCRIPTION = {
  summary: 'Adds one number or a range of numbers',
  description: 'Adds all the numbers from start to end, or none. Needs the role privilege system. ' +
    'Parameters may stand in the query or in the body of a POST, separated by & or ; there.',
  response: Object.fromEntries(Object.entries(RESPONSE_DESCRIPTIONS).map(
    ([code, description]) => [code, { ...Envelope, description }]))
}

const GET_SCHEMA = { ...DESCRIPTION, querystring: RequestParameters }

const POST_SCHEMA = {
  ...DESCRIPTION,
  consumes: ['application/x-www-form-urlencoded', 'application/json'],
  body: RequestParameters
}

const HIDDEN_SCHEMA = { hide: true, response: {} }

/** The routes of numbers/system/create, in a scope of their own below its path. */
export const routes: FastifyPluginAsync<RouteOptions> = async (scope, { service, authenticate, recall, httpStatus }) => {
  // Whatever the host has set up for its own routes, these read and write the same bytes.
  scope.setValidatorCompiler(() => () => true)
  scope.setSerializerCompiler(() => JSON.stringify)
  scope.setErrorHandler((error, request, reply) => sendError(error, request, reply, httpStatus))
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, content: Buffer): Promise<Body> => (
    { mediaType: mediaTypeOf(request), content }
  ))
  // Fastify refuses a malformed Content-Type even where there is no body that it could describe.
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

  const common = {
    prefixTrailingSlash: 'both',
    exposeHeadRoute: false,
    bodyLimit: MAX_BODY_BYTES
  } as const

  const operation = scope.prefix.slice(1).replaceAll('/', '-')
  const getSchema = { ...GET_SCHEMA, operationId: `${operation}-get` }
  const postSchema = { ...POST_SCHEMA, operationId: `${operation}-post` }
  scope.route<Route>({ ...common, method: 'GET', url: '/', schema: getSchema, handler: create })
  scope.route<Route>({ ...common, method: 'POST', url: '/', schema: postSchema, handler: create })
  scope.route({
    ...common,
    method: scope.supportedMethods.filter(method => method !== 'GET' && method !== 'POST'),
    url: '/',
    schema: HIDDEN_SCHEMA,
    onRequest: refuseMethod,
    handler: refuseMethod
  })
  scope.route({
    ...common,
    method: scope.supportedMethods,
    url: '/*',
    schema: HIDDEN_SCHEMA,
    onRequest: refusePath,
    handler: refusePath
  })

  // Node.js reads methods that Fastify has no routes for.
  scope.setNotFoundHandler<{ Params: { '*'?: string } }>((request, reply) => (
    request.params['*'] ? refusePath() : refuseMethod(request, reply)))

  async function create (request: FastifyRequest<Route>, reply: FastifyReply<Route>): Promise<FastifyReply> {
    const { body } = request
    if (body !== undefined && !isReadable(body)) throw new UnsupportedMediaTypeError()
    const parameters = readParameters(request.url, body)
    const gone = signalOfClient(reply)

    const credentials = parseCredentials(parameters)
    const draft = parseTextParameters(parameters)
    const actorOf = ({ username }: Person): Actor => ({ person: username, source: sourceOf(request) })

    const createRecalled = async (): Promise<CreatedLoad | undefined> => {
      const person = recall?.(request, credentials)
      if (person === undefined || !mayCall(person)) return undefined
      return await service.createRecalled(draft, actorOf(person), person.fingerprint, request, gone)
    }
    const createAuthenticated = async (): Promise<CreatedLoad> => {
      const person = await authenticate(request, credentials)
      if (person === null) throw new UnauthenticatedError()
      if (!mayCall(person)) throw new ForbiddenError()
      return await service.createFrom(draft, actorOf(person), request, gone)
    }
    const { load, count } = await createRecalled() ?? await createAuthenticated()
    return load === null
      ? sendEnvelope(reply, httpStatus, 201, [{ key: '', message: 'Input passed validation.' }], { count })
      : sendEnvelope(reply, httpStatus, 200, [{ key: '', message: 'OK' }], { count })
  }
}

function mayCall ({ privileges }: Person): boolean {
  return privileges.includes(ENDPOINT_PRIVILEGE)
}

/** Aborted when the client closes its connection before it has its reply. */
function signalOfClient (reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new ClientGoneError())
  })
  return gone.signal
}

// Both are hooks as well, so that no body is read for a call that is refused.
async function refuseMethod (_request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header('allow', 'GET, POST')
  throw new MethodNotAllowedError()
}

async function refusePath (): Promise<never> {
  throw new NotFoundError()
}

function mediaTypeOf (request: FastifyRequest): string | undefined {
  return MEDIA_TYPE.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase()
}
