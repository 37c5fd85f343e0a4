import { Type, type Static } from '@sinclair/typebox'
import { Value, type ValueError } from '@sinclair/typebox/value'
import type { RegisterOptions } from 'fastify'
import type { Pool } from 'pg'
import { InvalidOptionsError } from './errors.js'
import type { OnLoad } from './loads/on-load.js'
import { MAX_RANGE } from './numbers/number-range.js'
import type { Authenticate } from './people/person.js'

/** Milliseconds; a timer of Node.js, with a second to spare, takes no more. */
export const MAX_TIMEOUT_MS = 2_147_482_647

/** An integer of PostgreSQL. */
const MAX_FAILURES = 2_147_483_647

/** Loads that wait take memory. */
export const MAX_WAITING = 1_000_000

/** Bytes; PostgreSQL cuts a longer name of a schema short. */
export const LONGEST_NAME = 63

/** The beginning of a name that PostgreSQL keeps for its own schemas. */
export const RESERVED_NAME = 'pg_'

/** A path that begins with a slash and does not end in one, or none. */
export const PREFIX_PATTERN = '^(/[^/?#;:*]+)*$'

// Looked at below: TypeBox would only find what a pool does not inherit, and write into it.
const PoolLike = Type.Unsafe<Pool>(Type.Unknown())

const OnLoadLike = Type.Unsafe<OnLoad>(Type.Function([], Type.Unknown()))

const AuthenticateLike = Type.Unsafe<Authenticate>(Type.Function([], Type.Unknown()))

/** Written out, because the declarations of the package must not need those of the logger. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

// What Fastify lets every registration set; it refuses a level that the logger does not know by itself.
const LogLevelLike = Type.Unsafe<typeof LOG_LEVELS[number]>(Type.String({ minLength: 1, description: 'Log level of the routes.' }))

const LogSerializersLike = Type.Unsafe<NonNullable<RegisterOptions['logSerializers']>>(
  Type.Record(Type.String(), Type.Function([Type.Any()], Type.Unknown())))

function milliseconds (description: string, fallback: number) {
  return Type.Integer({ minimum: 1, maximum: MAX_TIMEOUT_MS, default: fallback, description })
}

function failures (description: string, fallback: number) {
  return Type.Integer({ minimum: 1, maximum: MAX_FAILURES, default: fallback, description })
}

const LoginThrottleSchema = Type.Object({
  perLogin: failures('Wrong passwords for one username from one source.', 10),
  perSource: failures('Wrong passwords from one source, whatever the usernames.', 100),
  perUsername: failures('Wrong passwords for one username, from all sources together.', 100),
  window: Type.Integer({ minimum: 1_000, maximum: 86_400_000, default: 900_000, description: 'Milliseconds that they count for.' }),
  shared: Type.Boolean({ default: false, description: 'Whether all processes count together, in the database.' })
}, { additionalProperties: false })

const OptionsSchema = Type.Object({
  prefix: Type.String({
    pattern: PREFIX_PATTERN,
    default: '/api/json',
    description: 'Path before numbers/system/create, without a slash at its end.'
  }),
  pool: Type.Optional(PoolLike),
  connectionString: Type.Optional(Type.String({ minLength: 1 })),
  schema: Type.String({ pattern: '^[^\\0]+$', default: 'telco', description: 'PostgreSQL schema of the tables.' }),
  migrate: Type.Boolean({ default: true, description: 'Whether to bring the schema up to date at registration.' }),
  authenticate: Type.Optional(AuthenticateLike),
  loginThrottle: Type.Union([Type.Literal(false), LoginThrottleSchema], {
    default: {},
    description: 'How many wrong passwords block a source or a username; false for no limits.'
  }),
  onLoad: Type.Optional(OnLoadLike),
  httpStatus: Type.Union([Type.Literal('code'), Type.Literal('always-200')], {
    default: 'code',
    description: 'The HTTP status of 200, 201, 400, 401 and 402: the code itself, or always 200.'
  }),
  maxRange: Type.Integer({ minimum: 1, maximum: MAX_RANGE, default: MAX_RANGE, description: 'Most numbers in one call.' }),
  maxWaiting: Type.Integer({
    minimum: 0, maximum: MAX_WAITING, default: 1_000, description: 'Most loads that may wait for a connection.'
  }),
  queueTimeout: milliseconds('Longest wait of a load for its turn.', 30_000),
  lockTimeout: milliseconds('Longest wait for a lock.', 5_000),
  statementTimeout: milliseconds('Longest run of a statement.', 120_000),
  logLevel: Type.Optional(LogLevelLike),
  logSerializers: Type.Optional(LogSerializersLike)
}, { additionalProperties: false })

/** The options with their defaults filled in. */
export type Settings = Static<typeof OptionsSchema>

/** What blocks whom, with the defaults filled in. */
export type LoginLimits = Static<typeof LoginThrottleSchema>

/** Options of the plugin; README lists them with their defaults. */
export type TelcoNumbersOptions = Partial<Omit<Settings, 'loginThrottle'>> & { loginThrottle?: Partial<LoginLimits> | false }

/** What is told of a wrong value for a time limit. */
export const MILLISECONDS_EXPECTED = `must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`

const FAILURES_EXPECTED = `must be a whole number from 1 to ${MAX_FAILURES}`

/** What is told of a wrong value. */
const EXPECTATIONS: Readonly<Record<keyof Settings | `loginThrottle.${keyof LoginLimits}`, string>> = {
  prefix: 'must be a path that begins with a slash and does not end in one, without parameters and wildcards, or empty',
  pool: 'must be a pool as pg makes it',
  connectionString: 'must be a connection string of PostgreSQL',
  schema: 'must be a name, not empty and without NUL characters',
  migrate: 'must be true or false',
  authenticate: 'must be a function',
  onLoad: 'must be a function',
  httpStatus: 'must be code or always-200',
  maxRange: `must be a whole number from 1 to ${MAX_RANGE}`,
  loginThrottle: 'must be false, or an object of limits',
  'loginThrottle.perLogin': FAILURES_EXPECTED,
  'loginThrottle.perSource': FAILURES_EXPECTED,
  'loginThrottle.perUsername': FAILURES_EXPECTED,
  'loginThrottle.window': 'must be a whole number of milliseconds from 1000 to 86400000',
  'loginThrottle.shared': 'must be true or false',
  maxWaiting: `must be a whole number from 0 to ${MAX_WAITING}`,
  queueTimeout: MILLISECONDS_EXPECTED,
  lockTimeout: MILLISECONDS_EXPECTED,
  statementTimeout: MILLISECONDS_EXPECTED,
  logLevel: 'must be the name of a log level',
  logSerializers: 'must be an object of functions'
}

/**
 * Fills in the defaults.
 * @throws InvalidOptionsError that names the option, for anything that is not as the schema says.
 */
export function checkOptions (options: TelcoNumbersOptions): Settings {
  // Before the rest, because an object with something wrong in it fits no union, and would not get its other defaults.
  const loginThrottle: unknown = Value.Default(LoginThrottleSchema, Value.Clone(options.loginThrottle))
  const settings: unknown = Value.Default(OptionsSchema, { ...options, loginThrottle })
  const [error] = Value.Errors(OptionsSchema, settings)
  if (error !== undefined) {
    const name = nameOf(error)
    throw new InvalidOptionsError(`option ${name}: ${isOption(name) ? EXPECTATIONS[name] : 'there is no such option'}`)
  }
  Value.Assert(OptionsSchema, settings)
  if (settings.pool !== undefined && !isPool(settings.pool)) {
    throw new InvalidOptionsError(`option pool: ${EXPECTATIONS.pool}`)
  }
  if (settings.pool !== undefined && settings.connectionString !== undefined) {
    throw new InvalidOptionsError('options pool and connectionString exclude each other')
  }
  if (options.authenticate !== undefined && options.loginThrottle !== undefined) {
    throw new InvalidOptionsError('options authenticate and loginThrottle exclude each other')
  }
  if (Buffer.byteLength(settings.schema) > LONGEST_NAME) {
    throw new InvalidOptionsError(`option schema: longer than ${LONGEST_NAME} bytes`)
  }
  if (settings.schema.startsWith(RESERVED_NAME)) {
    throw new InvalidOptionsError(`option schema: names that begin with ${RESERVED_NAME} belong to PostgreSQL`)
  }
  return settings
}

/** The option that an error is about; of an option that is an object of options, the one in it. */
function nameOf (error: ValueError): string {
  const inner = error.errors.at(-1)?.First()
  const [name = '', ...rest] = (inner ?? error).path.split('/').slice(1)
  return name === 'loginThrottle' ? [name, ...rest].join('.') : name
}

function isOption (name: string): name is keyof typeof EXPECTATIONS {
  return Object.hasOwn(EXPECTATIONS, name)
}

/** The host may have its pool from another copy of pg: whatever connects, asks and tells of its errors is one. */
function isPool (pool: Partial<Pool> | null): boolean {
  return [pool?.connect, pool?.query, pool?.on].every(method => typeof method === 'function')
}
