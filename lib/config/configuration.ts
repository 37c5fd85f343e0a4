import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { describeConnectionString } from '../database/connection-string.js'
import { messageOf } from '../errors.js'
import {
  boolean, ENDPOINT_NAMES, ENDPOINTS_HINT, integer, isSchemaName, LOG_LEVELS, LoginThrottleSchema, OptionsSchema,
  type EndpointName
} from '../options.js'
import { assertNames, assertPassword } from '../people/administration.js'
import { ConfigurationError } from './configuration-error.js'
import { withSecrets } from './secrets.js'
import { isTrustProxy, trustProxyFrom } from './trust-proxy.js'

/** For more connections, use a pooler. */
const MAX_POOL_SIZE = 1_000

/** The role of the initial admin. */
export const INITIAL_ADMIN_ROLE = 'System owner'

const { properties: option } = OptionsSchema

/** The environment variables of the stand-alone server. Those that set an option of the plugin have its schema. */
export const Environment = Type.Object({
  DATABASE_URL: Type.Optional(Type.String()),
  DATA_DIR: Type.String({ default: '.data' }),
  HOST: Type.String({ default: '127.0.0.1' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3000, hint: 'must be a port number, 0 to 65535' }),
  REQUEST_TIMEOUT: integer('Milliseconds that a client may take to send a request.', { minimum: 1, maximum: 3_600_000, default: 60_000 }),
  PREFIX: option.prefix,
  ENDPOINTS: Type.String({ default: ENDPOINT_NAMES.join(), hint: `${ENDPOINTS_HINT}, separated by commas` }),
  SCHEMA: option.schema,
  SEED_DEMO: Type.Optional(Type.Boolean({ hint: 'must be true or false' })),
  HTTP_STATUS: option.httpStatus,
  MAX_RANGE: option.maxRange,
  POOL_SIZE: integer('Connections of the pool.', { minimum: 1, maximum: MAX_POOL_SIZE, default: 10 }),
  MAX_WAITING: option.maxWaiting,
  QUEUE_TIMEOUT: option.queueTimeout,
  LOCK_TIMEOUT: option.lockTimeout,
  STATEMENT_TIMEOUT: option.statementTimeout,
  LOGIN_THROTTLE_SHARED: LoginThrottleSchema.properties.shared,
  TRUST_PROXY: Type.String({
    default: 'false',
    hint: 'must be true, false, or addresses like 10.0.0.0/8, loopback, linklocal or uniquelocal, separated by commas'
  }),
  ADMIN_USERNAME: Type.String({ default: 'admin' }),
  ADMIN_PASSWORD: Type.Optional(Type.String()),
  DOCUMENTATION: boolean('Whether to serve /documentation.', true),
  METRICS: boolean('Whether to serve /metrics.', true),
  LOG_LEVEL: Type.Optional(Type.Union(LOG_LEVELS.map(level => Type.Literal(level)), {
    hint: `must be one of ${LOG_LEVELS.join(', ')}`
  }))
})

/** Conditions that no schema can express. */
const CHECKS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['ENDPOINTS', text => new Set(text.split(',')).size === endpointsFrom(text).length],
  ['SCHEMA', isSchemaName],
  ['TRUST_PROXY', isTrustProxy]
])

export interface Configuration {
  /** `undefined` for the embedded PostgreSQL, with its data in `dataDirectory`. */
  readonly databaseUrl: string | undefined
  readonly dataDirectory: string
  readonly host: string
  readonly port: number
  readonly requestTimeout: number
  readonly prefix: string
  readonly endpoints: EndpointName[]
  readonly schema: string
  readonly seedDemo: boolean
  readonly httpStatus: Static<typeof Environment>['HTTP_STATUS']
  readonly maxRange: number
  /** Connections of the pool. */
  readonly poolSize: number
  readonly maxWaiting: number
  readonly queueTimeout: number
  readonly lockTimeout: number
  readonly statementTimeout: number
  readonly loginThrottleShared: boolean
  readonly trustProxy: boolean | string
  /** The person to add to an empty table `people`; without a password, one is generated. */
  readonly admin: { readonly username: string, readonly password: string | undefined }
  readonly documentation: boolean
  readonly metrics: boolean
  readonly logLevel: string
}

/** @throws ConfigurationError */
export function readConfiguration (environment: NodeJS.ProcessEnv): Configuration {
  const variables = parseVariables(withSecrets(environment))
  const { DATABASE_URL: databaseUrl, ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = variables
  const issue = databaseUrl === undefined ? undefined : describeConnectionString(databaseUrl)
  if (issue !== undefined) throw new ConfigurationError(`DATABASE_URL ${issue}`)
  checkVariable('ADMIN_USERNAME', () => { assertNames({ username, role: INITIAL_ADMIN_ROLE }) })
  checkVariable('ADMIN_PASSWORD', () => { if (password !== undefined) assertPassword(password) })
  const isEmbedded = databaseUrl === undefined
  return {
    databaseUrl,
    dataDirectory: variables.DATA_DIR,
    host: variables.HOST,
    port: variables.PORT,
    requestTimeout: variables.REQUEST_TIMEOUT,
    prefix: variables.PREFIX,
    endpoints: endpointsFrom(variables.ENDPOINTS),
    schema: variables.SCHEMA,
    seedDemo: variables.SEED_DEMO ?? isEmbedded,
    httpStatus: variables.HTTP_STATUS,
    maxRange: variables.MAX_RANGE,
    poolSize: variables.POOL_SIZE,
    maxWaiting: variables.MAX_WAITING,
    queueTimeout: variables.QUEUE_TIMEOUT,
    lockTimeout: variables.LOCK_TIMEOUT,
    statementTimeout: variables.STATEMENT_TIMEOUT,
    loginThrottleShared: variables.LOGIN_THROTTLE_SHARED,
    trustProxy: trustProxyFrom(variables.TRUST_PROXY),
    admin: { username, password },
    documentation: variables.DOCUMENTATION,
    metrics: variables.METRICS,
    logLevel: variables.LOG_LEVEL ?? (isEmbedded ? 'warn' : 'info')
  }
}

function parseVariables (environment: NodeJS.ProcessEnv): Static<typeof Environment> {
  const given: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries<TSchema>(Environment.properties)) {
    const text = environment[name] ?? ''
    if (text === '') continue
    given[name] = parseText(schema, text)
    if (!Value.Check(schema, given[name]) || CHECKS.get(name)?.(text) === false) {
      throw new ConfigurationError(`${name} ${String(schema.hint)}`)
    }
  }
  const variables: unknown = Value.Default(Environment, given)
  Value.Assert(Environment, variables)
  return variables
}

/** Returns the value in the type of its schema, or the text itself, which the schema then refuses. */
function parseText ({ type }: TSchema, text: string): unknown {
  if (type === 'integer') return /^[0-9]{1,10}$/.test(text) ? Number(text) : text
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text)
  return text
}

/** Returns the known endpoints of a list that is separated by commas, including duplicates. */
function endpointsFrom (list: string): EndpointName[] {
  return list.split(',').flatMap(item => ENDPOINT_NAMES.filter(name => name === item.trim()))
}

/** Puts the name of the variable into the error of a check. */
function checkVariable (variable: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    throw new ConfigurationError(`${variable}: ${messageOf(error)}`)
  }
}
