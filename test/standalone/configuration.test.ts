import t from 'tap'
import { ConfigurationError, readConfiguration } from '../../lib/standalone/configuration.js'

t.test('without a variable, everything has its default', async t => {
  const defaults = {
    databaseUrl: undefined,
    dataDirectory: '.data',
    host: '127.0.0.1',
    port: 3000,
    prefix: '/api/json',
    schema: 'telco',
    seedDemo: true,
    httpStatus: 'code',
    maxRange: 1_000_000,
    logLevel: 'warn'
  }
  t.strictSame(readConfiguration({}), defaults)
  t.strictSame(readConfiguration({ PATH: '/bin', DATABASE_URL: '', PORT: '', SEED_DEMO: '', DATA_DIR: '' }), defaults,
    'an empty variable is none')
})

t.test('a database of one\'s own gets no demo data, and is logged more of', async t => {
  const databaseUrl = 'postgresql://user@host/name'
  t.match(readConfiguration({ DATABASE_URL: databaseUrl }), { databaseUrl, seedDemo: false, logLevel: 'info' })
  t.match(readConfiguration({ DATABASE_URL: databaseUrl, SEED_DEMO: 'true', LOG_LEVEL: 'fatal' }), {
    seedDemo: true, logLevel: 'fatal'
  })
})

t.test('every variable counts', async t => {
  t.strictSame(readConfiguration({
    DATABASE_URL: 'postgres://user:password@host:5432/name?sslmode=disable',
    DATA_DIR: '/some where',
    HOST: '::',
    PORT: '65535',
    PREFIX: '/a/b',
    SCHEMA: 'Some "Schema"',
    SEED_DEMO: 'false',
    HTTP_STATUS: 'always-200',
    MAX_RANGE: '1',
    LOG_LEVEL: 'trace'
  }), {
    databaseUrl: 'postgres://user:password@host:5432/name?sslmode=disable',
    dataDirectory: '/some where',
    host: '::',
    port: 65_535,
    prefix: '/a/b',
    schema: 'Some "Schema"',
    seedDemo: false,
    httpStatus: 'always-200',
    maxRange: 1,
    logLevel: 'trace'
  })
  t.equal(readConfiguration({ PORT: '0' }).port, 0)
})

const WRONG = {
  DATABASE_URL: ['mysql://user:secret@host/name', 'host/secret', ' postgres://secret', 'postgres://user:secret@[host/name'],
  PORT: ['65536', '99999', '-1', '3000.5', '0x50', '1e3', 'http', ' 80'],
  PREFIX: ['telco', '/telco/', '/', '//', '/a?b', '/a#b', '/:a', '/*'],
  SCHEMA: ['x'.repeat(64), 'é'.repeat(32)],
  SEED_DEMO: ['yes', '1', 'TRUE'],
  HTTP_STATUS: ['200', 'sometimes'],
  MAX_RANGE: ['0', '1000001', '9999999', '-5', '1e3', '1_000'],
  LOG_LEVEL: ['verbose', 'INFO']
}

for (const [name, values] of Object.entries(WRONG)) {
  t.test(`a wrong ${name} is named, and not quoted`, async t => {
    for (const value of values) {
      const error = errorOf({ [name]: value })
      t.ok(error instanceof ConfigurationError, value)
      t.match(error, { message: new RegExp(`^${name} must be \\w+`) })
      t.notMatch(String(error), value.length > 5 ? value : /secret/)
    }
  })
}

function errorOf (environment: NodeJS.ProcessEnv): unknown {
  try {
    return readConfiguration(environment)
  } catch (error) {
    return error
  }
}
