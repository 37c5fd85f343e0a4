import { Type, type Static } from '@sinclair/typebox'
import { Value, type ValueError } from '@sinclair/typebox/value'
import type { Pool } from 'pg'
import { InvalidOptionsError } from './errors.js'
import type { OnLoad } from './loads/announce.js'
import { LONGEST_RANGE } from './range/range.js'
import type { Authenticate } from './people/authenticate.js'

/** Milliseconds; a timer of Node.js, with a second to spare, takes no more. */
const LONGEST_TIMEOUT = 2_147_482_647

/** Bytes; PostgreSQL cuts a longer name of a schema short. */
export const LONGEST_NAME = 63

/** A path that begins with a slash and does not end in one, or none. */
export const PREFIX_PATTERN = '^(/[^/?#;:*]+)*$'

// Looked at below: TypeBox would only find what a pool does not inherit, and write into it.
const PoolLike = Type.Unsafe<Pool>(Type.Unknown())

const OnLoadLike = Type.Unsafe<OnLoad>(Type.Function([], Type.Unknown()))

const AuthenticateLike = Type.Unsafe<Authenticate>(Type.Function([], Type.Unknown()))

function milliseconds (description: string, fallback: number) {
  return Type.Integer({ minimum: 1, maximum: LONGEST_TIMEOUT, default: fallback, description })
}

function failures (description: string, fallback: number) {
  return Type.Integer({ minimum: 1, maximum: 2_147_483_647, default: fallback, description })
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
  maxRange: Type.Integer({ minimum: 1, maximum: LONGEST_RANGE, default: LONGEST_RANGE, description: 'Most numbers in one call.' }),
  maxWaiting: Type.Integer({
    minimum: 0, maximum: 1_000_000, default: 1_000, description: 'Most loads that may wait for a connection.'
  }),
  queueTimeout: milliseconds('Longest wait of a load for its turn.', 30_000),
  lockTimeout: milliseconds('Longest wait for a lock.', 5_000),
  statementTimeout: milliseconds('Longest run of a statement.', 120_000)
}, { additionalProperties: false })

/** The options with their defaults filled in. */
export type Settings = Static<typeof OptionsSchema>

/** What blocks whom, with the defaults filled in. */
export type LoginLimits = Static<typeof LoginThrottleSchema>

/** Options of the plugin; README lists them with their defaults. */
export type TelcoNumbersOptions = Partial<Omit<Settings, 'loginThrottle'>> & { loginThrottle?: Partial<LoginLimits> | false }

/**
 * Fills in the defaults.
 * @throws InvalidOptionsError that names the option, for anything that is not as the schema says.
 */
export function checkOptions (options: TelcoNumbersOptions): Settings {
  const settings: unknown = Value.Default(OptionsSchema, { ...options })
  const [error] = Value.Errors(OptionsSchema, settings)
  if (error !== undefined) {
    const { path, message } = innermost(error)
    throw new InvalidOptionsError(`option ${path.slice(1).replaceAll('/', '.')}: ${message}`)
  }
  Value.Assert(OptionsSchema, settings)
  if (settings.pool !== undefined && !isPool(settings.pool)) {
    throw new InvalidOptionsError('option pool: Expected a pool as pg makes it')
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
  return settings
}

/** For an option that may be an object, what is wrong inside of it. */
function innermost (error: ValueError): ValueError {
  const inner = error.errors.at(-1)?.First()
  return inner !== undefined && inner.path.length > error.path.length ? inner : error
}

/** The host may have its pool from another copy of pg: whatever connects, asks and tells of its errors is one. */
function isPool (pool: Partial<Pool> | null): boolean {
  return [pool?.connect, pool?.query, pool?.on].every(method => typeof method === 'function')
}
