import { FormatRegistry, Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import pg from 'pg'
import { messageOf } from '../errors.js'
import { LOG_LEVELS, LONGEST_NAME, MAX_TIMEOUT_MS, MILLISECONDS_EXPECTED, MAX_WAITING, PREFIX_PATTERN, RESERVED_NAME } from '../options.js'
import { assertNames, assertPassword } from '../people/administration.js'
import { MAX_RANGE } from '../numbers/number-range.js'
import { ConfigurationError } from './configuration-error.js'
import { INITIAL_ADMIN_ROLE, type InitialAdmin } from '../server/initial-admin.js'
import { withSecrets } from './secrets.js'
import { isTrustProxy, trustProxyFrom } from './trust-proxy.js'

/** More connections than this are the work of a pooler. */
const MAX_POOL_SIZE = 1_000

FormatRegistry.Set('connection string', isConnectionString)
FormatRegistry.Set('port', value => isWholeNumber(value, 0, 65_535))
FormatRegistry.Set('range limit', value => isWholeNumber(value, 1, MAX_RANGE))
FormatRegistry.Set('pool size', value => isWholeNumber(value, 1, MAX_POOL_SIZE))
FormatRegistry.Set('waiting loads', value => isWholeNumber(value, 0, MAX_WAITING))
FormatRegistry.Set('milliseconds', value => isWholeNumber(value, 1, MAX_TIMEOUT_MS))
FormatRegistry.Set('schema name', value => Buffer.byteLength(value) <= LONGEST_NAME && !value.startsWith(RESERVED_NAME))
FormatRegistry.Set('trust proxy', isTrustProxy)

const Switch = Type.Union([Type.Literal('true'), Type.Literal('false')])

/** The environment variables of the stand-alone server; README lists them with their meaning. */
const Environment = Type.Object({
  DATABASE_URL: Type.Optional(Type.String({ format: 'connection string' })),
  DATA_DIR: Type.String({ default: '.data' }),
  HOST: Type.String({ default: '127.0.0.1' }),
  PORT: Type.String({ default: '3000', format: 'port' }),
  PREFIX: Type.String({ default: '/api/json', pattern: PREFIX_PATTERN }),
  SCHEMA: Type.String({ default: 'telco', format: 'schema name' }),
  SEED_DEMO: Type.Optional(Switch),
  HTTP_STATUS: Type.Union([Type.Literal('code'), Type.Literal('always-200')], { default: 'code' }),
  MAX_RANGE: Type.String({ default: String(MAX_RANGE), format: 'range limit' }),
  POOL_SIZE: Type.String({ default: '10', format: 'pool size' }),
  MAX_WAITING: Type.String({ default: '1000', format: 'waiting loads' }),
  QUEUE_TIMEOUT: Type.String({ default: '30000', format: 'milliseconds' }),
  LOCK_TIMEOUT: Type.String({ default: '5000', format: 'milliseconds' }),
  STATEMENT_TIMEOUT: Type.String({ default: '120000', format: 'milliseconds' }),
  LOGIN_THROTTLE_SHARED: Type.Union(Switch.anyOf, { default: 'false' }),
  TRUST_PROXY: Type.String({ default: 'false', format: 'trust proxy' }),
  ADMIN_USERNAME: Type.String({ default: 'admin' }),
  ADMIN_PASSWORD: Type.Optional(Type.String()),
  DOCUMENTATION: Type.Union(Switch.anyOf, { default: 'true' }),
  METRICS: Type.Union(Switch.anyOf, { default: 'true' }),
  LOG_LEVEL: Type.Optional(Type.Union(LOG_LEVELS.map(level => Type.Literal(level))))
})

export interface Configuration {
  /** The server to use; without one, the embedded PostgreSQL keeps its data in `dataDirectory`. */
  readonly databaseUrl: string | undefined
  readonly dataDirectory: string
  readonly host: string
  readonly port: number
  readonly prefix: string
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
  /** Whether all servers on the database count wrong passwords together. */
  readonly loginThrottleShared: boolean
  readonly trustProxy: boolean | string
  /** Who is added to a table `people` in which there is nobody; a password is made up where none is given. */
  readonly admin: InitialAdmin
  readonly documentation: boolean
  readonly metrics: boolean
  readonly logLevel: string
}

/** @throws ConfigurationError */
export function readConfiguration (environment: NodeJS.ProcessEnv): Configuration {
  const given = Object.fromEntries(Object.entries(withSecrets(environment)).filter(([name, value]) => (
    name in Environment.properties && value !== '')))
  const variables: unknown = Value.Default(Environment, given)
  const [error] = Value.Errors(Environment, variables)
  if (error !== undefined) {
    const name = error.path.slice(1)
    throw new ConfigurationError(`${name} ${EXPECTATIONS[name]}`)
  }
  Value.Assert(Environment, variables)
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = variables
  checkPersonal('ADMIN_USERNAME', () => { assertNames({ username, role: INITIAL_ADMIN_ROLE }) })
  checkPersonal('ADMIN_PASSWORD', () => { if (password !== undefined) assertPassword(password) })
  const isEmbedded = variables.DATABASE_URL === undefined
  return {
    databaseUrl: variables.DATABASE_URL,
    dataDirectory: variables.DATA_DIR,
    host: variables.HOST,
    port: Number(variables.PORT),
    prefix: variables.PREFIX,
    schema: variables.SCHEMA,
    seedDemo: (variables.SEED_DEMO ?? String(isEmbedded)) === 'true',
    httpStatus: variables.HTTP_STATUS,
    maxRange: Number(variables.MAX_RANGE),
    poolSize: Number(variables.POOL_SIZE),
    maxWaiting: Number(variables.MAX_WAITING),
    queueTimeout: Number(variables.QUEUE_TIMEOUT),
    lockTimeout: Number(variables.LOCK_TIMEOUT),
    statementTimeout: Number(variables.STATEMENT_TIMEOUT),
    loginThrottleShared: variables.LOGIN_THROTTLE_SHARED === 'true',
    trustProxy: trustProxyFrom(variables.TRUST_PROXY),
    admin: { username, password },
    documentation: variables.DOCUMENTATION === 'true',
    metrics: variables.METRICS === 'true',
    logLevel: variables.LOG_LEVEL ?? (isEmbedded ? 'warn' : 'info')
  }
}

/** What is told of a wrong value; variables that take any text have none. */
const EXPECTATIONS: Partial<Record<string, string>> = {
  DATABASE_URL: 'must be a connection string that begins with postgres:// or postgresql://',
  PORT: 'must be a port number, 0 to 65535',
  PREFIX: 'must be a path that begins with a slash and does not end in one',
  SCHEMA: `must be a name of at most ${LONGEST_NAME} bytes that does not begin with ${RESERVED_NAME}`,
  SEED_DEMO: 'must be true or false',
  HTTP_STATUS: 'must be code or always-200',
  MAX_RANGE: `must be a whole number from 1 to ${MAX_RANGE}`,
  POOL_SIZE: `must be a whole number from 1 to ${MAX_POOL_SIZE}`,
  MAX_WAITING: `must be a whole number from 0 to ${MAX_WAITING}`,
  QUEUE_TIMEOUT: MILLISECONDS_EXPECTED,
  LOCK_TIMEOUT: MILLISECONDS_EXPECTED,
  STATEMENT_TIMEOUT: MILLISECONDS_EXPECTED,
  LOGIN_THROTTLE_SHARED: 'must be true or false',
  TRUST_PROXY: 'must be true, false, or addresses like 10.0.0.0/8, loopback, linklocal or uniquelocal, separated by commas',
  DOCUMENTATION: 'must be true or false',
  METRICS: 'must be true or false',
  LOG_LEVEL: `must be one of ${LOG_LEVELS.join(', ')}`
}

function isConnectionString (value: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(value)) return false
  try {
    new pg.Client(value)
    return true
  } catch {
    return false
  }
}

function isWholeNumber (value: string, smallest: number, largest: number): boolean {
  return /^[0-9]{1,10}$/.test(value) && Number(value) >= smallest && Number(value) <= largest
}

/** Makes a wrong value for somebody to be added known by the name of its variable. */
function checkPersonal (variable: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    throw new ConfigurationError(`${variable}: ${messageOf(error)}`)
  }
}
