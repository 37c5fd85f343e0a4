import { FormatRegistry, Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import pg from 'pg'
import { LONGEST_NAME, PREFIX_PATTERN } from '../options.js'
import { LONGEST_RANGE } from '../range/range.js'

FormatRegistry.Set('connection string', isConnectionString)
FormatRegistry.Set('port', value => /^[0-9]{1,5}$/.test(value) && Number(value) <= 65_535)
FormatRegistry.Set('range limit', value => /^[0-9]{1,7}$/.test(value) && Number(value) >= 1 && Number(value) <= LONGEST_RANGE)
FormatRegistry.Set('schema name', value => Buffer.byteLength(value) <= LONGEST_NAME)

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
  MAX_RANGE: Type.String({ default: String(LONGEST_RANGE), format: 'range limit' }),
  LOG_LEVEL: Type.Optional(Type.Union(
    (['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const).map(level => Type.Literal(level))))
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
  readonly logLevel: string
}

/** A variable of the environment has a wrong value; the message names it, and never quotes the value. */
export class ConfigurationError extends Error {}

/** @throws ConfigurationError */
export function readConfiguration (environment: NodeJS.ProcessEnv): Configuration {
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => (
    name in Environment.properties && value !== '')))
  const variables: unknown = Value.Default(Environment, given)
  const [error] = Value.Errors(Environment, variables)
  if (error !== undefined) {
    const name = error.path.slice(1)
    throw new ConfigurationError(`${name} ${EXPECTATIONS[name]}`)
  }
  Value.Assert(Environment, variables)
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
    logLevel: variables.LOG_LEVEL ?? (isEmbedded ? 'warn' : 'info')
  }
}

/** What is told of a wrong value; DATA_DIR and HOST have none. */
const EXPECTATIONS: Partial<Record<string, string>> = {
  DATABASE_URL: 'must be a connection string that begins with postgres:// or postgresql://',
  PORT: 'must be a port number, 0 to 65535',
  PREFIX: 'must be a path that begins with a slash and does not end in one',
  SCHEMA: `must be a name of at most ${LONGEST_NAME} bytes`,
  SEED_DEMO: 'must be true or false',
  HTTP_STATUS: 'must be code or always-200',
  MAX_RANGE: `must be a whole number from 1 to ${LONGEST_RANGE}`,
  LOG_LEVEL: 'must be trace, debug, info, warn, error, fatal or silent'
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
