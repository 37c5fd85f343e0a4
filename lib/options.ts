import { Type, type Static, type TBoolean, type TInteger, type TSchema } from '@sinclair/typebox'
import { Value, type ValueError } from '@sinclair/typebox/value'
import type { RegisterOptions } from 'fastify'
import { CONNECTION_STRING_HINT, describeConnectionString } from './database/connection-string.js'
import { isPool, type HostPool } from './database/pool.js'
import { InvalidOptionsError } from './errors.js'
import type { OnChange } from './records/on-change.js'
import { MAX_RANGE } from './numbers/number-range.js'
import { findMisspelt } from './parameters/misspelt.js'
import type { Authenticate, Authorize } from './people/person.js'

/** The maximum of a Node.js timer in milliseconds, with a second to spare. */
export const MAX_TIMEOUT_MS = 2_147_482_647

/** The largest integer of PostgreSQL. */
const MAX_FAILURES = 2_147_483_647

/** A limit, because waiting loads take memory. */
export const MAX_WAITING = 1_000_000

/** PostgreSQL truncates a longer name of a schema. */
const MAX_SCHEMA_NAME_BYTES = 63

/** The endpoints, by the last part of their paths. */
export const ENDPOINT_NAMES = ['create', 'get', 'list', 'update', 'delete', 'import'] as const

export type EndpointName = typeof ENDPOINT_NAMES[number]

/** Describes a valid list of endpoints. */
export const ENDPOINTS_HINT = `must be a list of ${ENDPOINT_NAMES.join(', ')}, each at most once`

/** Written out, because the type declarations of the package must not depend on those of the logger. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

interface Limits {
  readonly minimum: number
  readonly maximum: number
  readonly default: number
}

// The keyword `hint` of a schema is ours: it describes a valid value. `description` repeats the doc comment of the option.

/** Returns the schema of an integer, with a hint that names its limits. */
export function integer (description: string, limits: Limits, unit = ''): TInteger {
  return Type.Integer({
    ...limits, description, hint: `must be a whole number${unit === '' ? '' : ` of ${unit}`} from ${limits.minimum} to ${limits.maximum}`
  })
}

/** Returns the schema of a boolean. */
export function boolean (description: string, fallback: boolean): TBoolean {
  return Type.Boolean({ default: fallback, description, hint: 'must be true or false' })
}

function timeout (description: string, fallback: number): TInteger {
  return integer(description, { minimum: 1, maximum: MAX_TIMEOUT_MS, default: fallback }, 'milliseconds')
}

function failures (description: string, fallback: number): TInteger {
  return integer(description, { minimum: 1, maximum: MAX_FAILURES, default: fallback })
}

export const LoginThrottleSchema = Type.Object({
  /**
   * Wrong passwords that block a username for the source that they came from.
   * @default 10
   */
  perLogin: failures('Wrong passwords that block a username for the source that they came from.', 10),
  /**
   * Wrong passwords that block a source for every username.
   * @default 100
   */
  perSource: failures('Wrong passwords that block a source for every username.', 100),
  /**
   * Wrong passwords that block a username for every source from which it has not logged in within a day.
   * @default 100
   */
  perUsername: failures('Wrong passwords that block a username for every source from which it has not logged in within a day.', 100),
  /**
   * Milliseconds for which wrong passwords count, rounded up to whole seconds.
   * @default 900000
   */
  window: integer('Milliseconds for which wrong passwords count, rounded up to whole seconds.', {
    minimum: 1_000, maximum: 86_400_000, default: 900_000
  }, 'milliseconds'),
  /**
   * Whether all processes on the database share wrong passwords and known sources, which survive a restart.
   * @default false
   */
  shared: boolean('Whether all processes on the database share wrong passwords and known sources, which survive a restart.', false)
}, { additionalProperties: false })

/** The optional properties have the names and meanings of those of an OpenAPI operation. */
const OpenApiSchema = Type.Object({
  tags: Type.Optional(Type.Array(Type.String())),
  security: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Array(Type.String())))),
  hide: Type.Boolean({ default: false })
}, {
  additionalProperties: false,
  default: {},
  description: 'How the OpenAPI description of the host shows the endpoints: `tags`, `security` and `hide`.',
  hint: 'must be an object of tags, security and hide, each as in an operation of OpenAPI'
})

/** Every option. The doc comments are what an editor shows of {@link TelcoNumbersOptions}. */
export const OptionsSchema = Type.Object({
  /**
   * Path before `numbers/system/create`, without a trailing slash. It follows the prefix of an outer `register`.
   * @default '/api/json'
   */
  prefix: Type.String({
    pattern: '^(/[^/?#;:*]+)*$',
    default: '/api/json',
    description: 'Path before `numbers/system/create`, without a trailing slash. It follows the prefix of an outer `register`.',
    hint: 'must be a path that begins with a slash and does not end in one, without parameters and wildcards'
  }),
  /**
   * The endpoints to register, by the last part of their paths: `create` if it is not set.
   */
  endpoints: Type.Array(Type.Union(ENDPOINT_NAMES.map(name => Type.Literal(name))), {
    uniqueItems: true,
    default: ['create'],
    description: 'The endpoints to register, by the last part of their paths: `create` if it is not set.',
    hint: ENDPOINTS_HINT
  }),
  /**
   * A `pg` pool of the host application, which also ends it. Without `pool` and `connectionString`, the plugin uses the
   * pool of `@fastify/postgres`.
   */
  // checkOptions checks it: TypeBox would only find methods that a pool does not inherit, and would modify the pool.
  pool: Type.Optional(Type.Unsafe<HostPool>(Type.Unknown({
    description: 'A `pg` pool of the host application, which also ends it. ' +
      'Without `pool` and `connectionString`, the plugin uses the pool of `@fastify/postgres`.',
    hint: 'must be a pool of pg'
  }))),
  /** Connection string of PostgreSQL, instead of `pool`: the plugin makes its own pool, and ends it. */
  connectionString: Type.Optional(Type.String({
    minLength: 1,
    description: 'Connection string of PostgreSQL, instead of `pool`: the plugin makes its own pool, and ends it.',
    hint: CONNECTION_STRING_HINT
  })),
  /**
   * PostgreSQL schema of the tables.
   * @default 'telco'
   */
  schema: Type.String({
    // PostgreSQL reserves the prefix pg_.
    pattern: '^(?!pg_)[^\\0]+$',
    default: 'telco',
    description: 'PostgreSQL schema of the tables.',
    hint: `must be a name of 1 to ${MAX_SCHEMA_NAME_BYTES} bytes, without NUL characters, that does not begin with pg_`
  }),
  /**
   * Whether registration migrates the tables. Otherwise it checks their version, and fails if they need a migration.
   * @default true
   */
  migrate: boolean('Whether registration migrates the tables. Otherwise it checks their version, and fails if they need a migration.', true),
  /** Authenticates callers instead of the table `people`: returns the username and privileges of a caller, or `null`. */
  authenticate: Type.Optional(Type.Unsafe<Authenticate>(Type.Function([], Type.Unknown(), {
    description: 'Authenticates callers instead of the table `people`: returns the username and privileges of a caller, or `null`.',
    hint: 'must be a function'
  }))),
  /** Decides from the parameters of a call whether a person may make it; `false` is a 402. */
  authorize: Type.Optional(Type.Unsafe<Authorize>(Type.Function([], Type.Unknown(), {
    description: 'Decides from the parameters of a call whether a person may make it; `false` is a 402.',
    hint: 'must be a function'
  }))),
  loginThrottle: Type.Union([Type.Literal(false), LoginThrottleSchema], {
    default: {},
    description: 'Limits for wrong passwords; `false` removes them. Excludes `authenticate`.',
    hint: 'must be false, or an object of limits'
  }),
  /**
   * Called after a load, update, delete or undo is committed. The reply does not wait for it, but closing does; its errors are
   * only logged.
   */
  onChange: Type.Optional(Type.Unsafe<OnChange>(Type.Function([], Type.Unknown(), {
    description: 'Called after a load, update, delete or undo is committed. The reply does not wait for it, but closing does; its errors are only logged.',
    hint: 'must be a function'
  }))),
  /**
   * HTTP status of replies with the codes 200, 201, 400, 401 and 402: the code, or always 200.
   * @default 'code'
   */
  httpStatus: Type.Union([Type.Literal('code'), Type.Literal('always-200')], {
    default: 'code',
    description: 'HTTP status of replies with the codes 200, 201, 400, 401 and 402: the code, or always 200.',
    hint: 'must be code or always-200'
  }),
  /** How the OpenAPI description of the host shows the endpoints: `tags`, `security` and `hide`. */
  openapi: OpenApiSchema,
  /**
   * Maximum count of numbers that one call may add.
   * @default 1000000
   */
  maxRange: integer('Maximum count of numbers that one call may add.', { minimum: 1, maximum: MAX_RANGE, default: MAX_RANGE }),
  /**
   * Maximum count of loads that wait for a connection of the pool; further loads get a 503.
   * @default 1000
   */
  maxWaiting: integer('Maximum count of loads that wait for a connection of the pool; further loads get a 503.', {
    minimum: 0, maximum: MAX_WAITING, default: 1_000
  }),
  /**
   * Milliseconds that a load may wait in that queue; after that it gets a 503.
   * @default 30000
   */
  queueTimeout: timeout('Milliseconds that a load may wait in that queue; after that it gets a 503.', 30_000),
  /**
   * Milliseconds to wait for a connection of the pool, or for a lock of another transaction; after that the reply is a 503.
   * @default 5000
   */
  lockTimeout: timeout('Milliseconds to wait for a connection of the pool, or for a lock of another transaction; after that the reply is a 503.', 5_000),
  /**
   * Milliseconds that one statement may run; after that the reply is a 503.
   * @default 120000
   */
  statementTimeout: timeout('Milliseconds that one statement may run; after that the reply is a 503.', 120_000),
  /** Log level of the routes of the plugin, as in any Fastify registration. */
  // Fastify refuses a level that the logger does not know.
  logLevel: Type.Optional(Type.Unsafe<typeof LOG_LEVELS[number]>(Type.String({
    minLength: 1,
    description: 'Log level of the routes of the plugin, as in any Fastify registration.',
    hint: 'must be the name of a log level'
  }))),
  /** Log serializers of the routes of the plugin, as in any Fastify registration. Parameters are never logged. */
  logSerializers: Type.Optional(Type.Unsafe<NonNullable<RegisterOptions['logSerializers']>>(
    Type.Record(Type.String(), Type.Function([Type.Any()], Type.Unknown()), {
      description: 'Log serializers of the routes of the plugin, as in any Fastify registration. Parameters are never logged.',
      hint: 'must be an object of functions'
    })))
}, { additionalProperties: false })

/** The options with their defaults filled in. */
export type Settings = Static<typeof OptionsSchema>

/** The limits of the login throttle with their defaults filled in. */
export type LoginLimits = Static<typeof LoginThrottleSchema>

/** Options of the plugin. */
export type TelcoNumbersOptions = Partial<Omit<Settings, 'loginThrottle' | 'openapi'>> & {
  /** Limits for wrong passwords; `false` removes them. Excludes `authenticate`. */
  loginThrottle?: Partial<LoginLimits> | false
  /** How the OpenAPI description of the host shows the endpoints: `tags`, `security` and `hide`. */
  openapi?: Partial<Settings['openapi']>
}

/** The schema of every option by its name; for a limit, by `loginThrottle.` and its name. */
export const OPTION_SCHEMAS: ReadonlyMap<string, TSchema> = new Map<string, TSchema>([
  ...Object.entries(OptionsSchema.properties),
  ...Object.entries(LoginThrottleSchema.properties).map(([name, schema]) => [`loginThrottle.${name}`, schema] as const)
])

/**
 * Returns the options with their defaults filled in.
 * @throws InvalidOptionsError that names the first invalid option
 */
export function checkOptions (options: TelcoNumbersOptions): Settings {
  // Before the rest, because an object with an invalid limit matches no schema of the union, and would not get the other
  // defaults.
  const loginThrottle: unknown = Value.Default(LoginThrottleSchema, Value.Clone(options.loginThrottle))
  const settings: unknown = Value.Default(OptionsSchema, { ...options, loginThrottle })
  const [error] = Value.Errors(OptionsSchema, settings)
  if (error !== undefined) throw invalidOption(nameOf(error))
  Value.Assert(OptionsSchema, settings)
  if (settings.pool !== undefined && !isPool(settings.pool)) throw invalidOption('pool')
  if (!isSchemaName(settings.schema)) throw invalidOption('schema')
  const issue = settings.connectionString === undefined ? undefined : describeConnectionString(settings.connectionString)
  if (issue !== undefined) throw new InvalidOptionsError(`option connectionString ${issue}`)
  if (settings.pool !== undefined && settings.connectionString !== undefined) {
    throw new InvalidOptionsError('options pool and connectionString exclude each other')
  }
  if (options.authenticate !== undefined && options.loginThrottle !== undefined) {
    throw new InvalidOptionsError('options authenticate and loginThrottle exclude each other')
  }
  return settings
}

/** Returns whether a name is short enough, which a pattern cannot express, because characters have different counts of bytes. */
export function isSchemaName (name: string): boolean {
  return Buffer.byteLength(name) <= MAX_SCHEMA_NAME_BYTES
}

function invalidOption (name: string): Error {
  const schema = OPTION_SCHEMAS.get(name)
  if (schema !== undefined) return new InvalidOptionsError(`option ${name} ${String(schema.hint)}`)
  const meant = findMisspelt(name, [...OPTION_SCHEMAS.keys()])
  return new InvalidOptionsError(`option ${name} does not exist${meant === undefined ? '' : `: use ${meant}`}`)
}

/** Returns the name of the option that an error concerns, as in {@link OPTION_SCHEMAS}. */
function nameOf (error: ValueError): string {
  const inner = error.errors.at(-1)?.First()
  const [name = '', ...rest] = (inner ?? error).path.split('/').slice(1)
  return name === 'loginThrottle' ? [name, ...rest].join('.') : name
}
