import t from 'tap'
import { ConfigurationError } from '../../lib/config/configuration-error.js'
import { readConfiguration } from '../../lib/config/configuration.js'

t.test('without variables, every setting has its default', async t => {
  const defaults = {
    databaseUrl: undefined,
    dataDirectory: '.data',
    host: '127.0.0.1',
    port: 3000,
    requestTimeout: 60_000,
    prefix: '/api/json',
    endpoints: ['create', 'get', 'list', 'update', 'delete', 'import'],
    schema: 'telco',
    seedDemo: true,
    httpStatus: 'code',
    maxRange: 1_000_000,
    poolSize: 10,
    maxWaiting: 1000,
    queueTimeout: 30_000,
    lockTimeout: 5000,
    statementTimeout: 120_000,
    loginThrottleShared: false,
    trustProxy: false,
    admin: { username: 'admin', password: undefined },
    documentation: true,
    metrics: true,
    logLevel: 'warn'
  }
  t.strictSame(readConfiguration({}), defaults)
  t.strictSame(readConfiguration({ PATH: '/bin', DATABASE_URL: '', PORT: '', SEED_DEMO: '', DATA_DIR: '' }), defaults,
    'an empty variable counts as not set')
})

t.test('with DATABASE_URL there is no demo data, and the log level is info', async t => {
  const databaseUrl = 'postgresql://user@host/name'
  t.match(readConfiguration({ DATABASE_URL: databaseUrl }), { databaseUrl, seedDemo: false, logLevel: 'info' })
  t.match(readConfiguration({ DATABASE_URL: databaseUrl, SEED_DEMO: 'true', LOG_LEVEL: 'fatal' }), {
    seedDemo: true, logLevel: 'fatal'
  })
})

t.test('every variable sets its part of the configuration', async t => {
  t.strictSame(readConfiguration({
    DATABASE_URL: 'postgres://user:password@host:5432/name?sslmode=disable',
    DATA_DIR: '/some where',
    HOST: '::',
    PORT: '65535',
    REQUEST_TIMEOUT: '100',
    PREFIX: '/a/b',
    ENDPOINTS: 'list,create',
    SCHEMA: 'Some "Schema"',
    SEED_DEMO: 'false',
    HTTP_STATUS: 'always-200',
    MAX_RANGE: '1',
    POOL_SIZE: '1000',
    MAX_WAITING: '0',
    QUEUE_TIMEOUT: '2',
    LOCK_TIMEOUT: '1',
    STATEMENT_TIMEOUT: '2147482647',
    LOGIN_THROTTLE_SHARED: 'true',
    TRUST_PROXY: '10.0.0.0/8, ::1,loopback',
    ADMIN_USERNAME: 'boss',
    ADMIN_PASSWORD: 'a long password',
    DOCUMENTATION: 'false',
    METRICS: 'false',
    LOG_LEVEL: 'trace'
  }), {
    databaseUrl: 'postgres://user:password@host:5432/name?sslmode=disable',
    dataDirectory: '/some where',
    host: '::',
    port: 65_535,
    requestTimeout: 100,
    prefix: '/a/b',
    endpoints: ['list', 'create'],
    schema: 'Some "Schema"',
    seedDemo: false,
    httpStatus: 'always-200',
    maxRange: 1,
    poolSize: 1000,
    maxWaiting: 0,
    queueTimeout: 2,
    lockTimeout: 1,
    statementTimeout: 2_147_482_647,
    loginThrottleShared: true,
    trustProxy: '10.0.0.0/8, ::1,loopback',
    admin: { username: 'boss', password: 'a long password' },
    documentation: false,
    metrics: false,
    logLevel: 'trace'
  })
  t.equal(readConfiguration({ PORT: '0' }).port, 0)
  t.equal(readConfiguration({ TRUST_PROXY: 'true' }).trustProxy, true)
})

const WRONG = {
  DATABASE_URL: ['mysql://user:secret@host/name', 'host/secret', ' postgres://secret', 'postgres://user:secret@[host/name'],
  PORT: ['65536', '99999', '-1', '3000.5', '0x50', '1e3', 'http', ' 80'],
  PREFIX: ['telco', '/telco/', '/', '//', '/a?b', '/a#b', '/:a', '/*'],
  SCHEMA: ['x'.repeat(64), 'é'.repeat(32), 'pg_telco'],
  SEED_DEMO: ['yes', '1', 'TRUE'],
  HTTP_STATUS: ['200', 'sometimes'],
  MAX_RANGE: ['0', '1000001', '9999999', '-5', '1e3', '1_000'],
  POOL_SIZE: ['0', '1001', 'many'],
  MAX_WAITING: ['-1', '1000001', 'all'],
  QUEUE_TIMEOUT: ['0', '2147482648', '5s'],
  LOGIN_THROTTLE_SHARED: ['yes', '1'],
  LOCK_TIMEOUT: ['0', '2147482648', '5s'],
  STATEMENT_TIMEOUT: ['0', '99999999999', '-1'],
  TRUST_PROXY: ['yes', '1', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/x', 'proxy.example.com', '127.0.0.1,'],
  DOCUMENTATION: ['yes', '0'],
  METRICS: ['on', '1'],
  LOG_LEVEL: ['verbose', 'INFO']
}

for (const [name, values] of Object.entries(WRONG)) {
  t.test(`a wrong ${name} is reported by its name and not quoted`, async t => {
    for (const value of values) {
      const error = errorOf({ [name]: value })
      t.ok(error instanceof ConfigurationError, value)
      t.match(error, { code: 'TELCO_NUMBERS_CONFIGURATION', message: new RegExp(`^${name} must be \\w+`) })
      t.notMatch(String(error), value.length > 5 ? value : /secret/)
    }
  })
}

t.test('a password that is not percent-encoded is the reason if it ends the URL early', async t => {
  for (const password of ['p#w', '12#34', '12/34', '12?34', 'p/w']) {
    t.match(errorOf({ DATABASE_URL: `postgres://user:${password}@host/name` }), {
      message: 'DATABASE_URL must be a valid URL whose username and password are percent-encoded: %23 for #, %2F for /, %3F for ?'
    }, password)
  }
  for (const url of ['user:p@w@host/name', 'user:p%23w@host/name', '/name?host=/tmp&application_name=a@b', 'host?user=a@b']) {
    t.equal(readConfiguration({ DATABASE_URL: `postgres://${url}` }).databaseUrl, `postgres://${url}`)
  }
})

t.test('an initial admin who cannot be added is refused', async t => {
  t.match(errorOf({ ADMIN_USERNAME: ' boss' }), { message: /^ADMIN_USERNAME: the username must have 1 to 128 characters/ })
  const error = errorOf({ ADMIN_PASSWORD: 'short' })
  t.ok(error instanceof ConfigurationError)
  t.match(error, { message: /^ADMIN_PASSWORD: the password must have at least 12 characters, but has 5$/ })
})

function errorOf (environment: NodeJS.ProcessEnv): unknown {
  try {
    return readConfiguration(environment)
  } catch (error) {
    return error
  }
}

t.test('ENDPOINTS is a list of endpoints', async t => {
  t.strictSame(readConfiguration({ ENDPOINTS: 'list, get' }).endpoints, ['list', 'get'])
  for (const ENDPOINTS of ['drop', 'get,get', 'get,', 'get list']) {
    t.throws(() => readConfiguration({ ENDPOINTS }), {
      message: 'ENDPOINTS must be a list of create, get, list, update, delete, import, each at most once, separated by commas'
    }, ENDPOINTS)
  }
})
