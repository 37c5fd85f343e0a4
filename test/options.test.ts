import fastifyPostgres from '@fastify/postgres'
import fastify, { type FastifyInstance } from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import telcoNumbers, { type EndpointName, type TelcoNumbersOptions } from '../lib/index.js'
import { checkOptions } from '../lib/options.js'
import { call, callOf, DATABASE_URL, demoHost, demoSchema, keysOf, PATH, urlNamed, type Answer } from './support/host.js'
import { until } from './support/until.js'

const NUMBER = { start: '2125550000', class: 1, ingroup: 2 }

function emptyHost (t: Test): FastifyInstance {
  const app = fastify()
  t.teardown(() => app.close())
  return app
}

/** Returns the error of a registration. */
async function failureOf (t: Test, options: object): Promise<unknown> {
  return await emptyHost(t).register(telcoNumbers, options).then(() => undefined, (error: unknown) => error)
}

t.test('an option of a wrong type or value is refused at registration by its name', async t => {
  const wrong: Record<string, unknown[]> = {
    prefix: ['/', 'api', '/api/', '//', '/api?x', '/api/:id', '/*', '/a;b', '/a#b', 1, null],
    pool: [{}, 'pool', null, { connect: 1, query: 2, on: 3 }, []],
    connectionString: ['', 1, null, new URL('postgres://localhost'), '127.0.0.1:5432/telco', 'postgres://user:p#w@host/telco'],
    schema: ['', 'a\0b', 'x'.repeat(64), 'ä'.repeat(32), 'pg_telco', 1, null],
    migrate: ['true', 1, null],
    authenticate: ['user', {}, null, true],
    loginThrottle: [true, null, 'off', 5],
    onChange: ['url', {}, null, true],
    httpStatus: ['200', 200, 'always', '', null],
    maxRange: [0, -1, 1.5, 1_000_001, '10', Number.NaN, Infinity, null],
    maxWaiting: [-1, 0.5, '10', 1_000_001, null],
    queueTimeout: [0, -1, 0.5, '1s', 2_147_483_648, Infinity, null],
    lockTimeout: [0, -1, 0.5, '1s', 2_147_483_648, Infinity, null],
    statementTimeout: [0, -1, 0.5, '1s', 2_147_483_648, Infinity, null],
    logLevel: ['', 1, null],
    logSerializers: [1, null, { req: 'url' }]
  }
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      t.match(await failureOf(t, { [name]: value }), {
        code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: new RegExp(`^fastify-telco-numbers: option ${name} must be `)
      }, `${name}: ${String(value)}`)
      t.notMatch(await failureOf(t, { [name]: value }), { message: /\^|Expected/ }, 'in words, without a pattern')
    }
  }
})

t.test('a wrong limit of the throttle is refused by its name', async t => {
  const wrong: Record<string, unknown[]> = {
    perLogin: [0, -1, 1.5, '10', 2_147_483_648, null],
    perSource: [0, '10'],
    perUsername: [0, '10'],
    window: [0, 999, 1000.5, 86_400_001, '15m'],
    shared: ['true', 1, null],
    perUser: [10]
  }
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      t.match(await failureOf(t, { loginThrottle: { [name]: value } }), {
        code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: new RegExp(`^fastify-telco-numbers: option loginThrottle\\.${name} (must be|does not exist)`)
      }, `${name}: ${String(value)}`)
    }
  }
})

t.test('authenticate and loginThrottle exclude each other', async t => {
  for (const loginThrottle of [{}, false]) {
    t.match(await failureOf(t, { authenticate: () => null, loginThrottle }), {
      code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: 'authenticate and loginThrottle exclude each other'
    })
  }
})

t.test('an unknown option is refused by its name', async t => {
  for (const name of ['maxrange', 'url', 'toString']) {
    t.match(await failureOf(t, { [name]: 'x' }), {
      code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: `option ${name} does not exist`
    })
  }
})

t.test('a malformed connection string is refused without repeating its password', async t => {
  for (const connectionString of ['postgres://user:s3cret@[host/name', 'postgres://user:s3#cret@host/name', 'user:s3cret@host/name']) {
    t.match(await failureOf(t, { connectionString }), { message: /option connectionString must (?!.*(?:@|s3))/ })
  }
})

t.test('the message of a misspelt option names the right one', async t => {
  for (const [options, meant] of [
    [{ endpoint: ['get'] }, 'option endpoint does not exist: use endpoints'],
    [{ maxrange: 1 }, 'option maxrange does not exist: use maxRange'],
    [{ connection_string: 'x' }, 'option connection_string does not exist: use connectionString'],
    [{ loginThrottle: { perSorce: 1 } }, 'option loginThrottle.perSorce does not exist: use loginThrottle.perSource'],
    [{ url: 'x' }, 'option url does not exist']
  ] as const) {
    t.match(await failureOf(t, options), { message: new RegExp(`^fastify-telco-numbers: ${meant}$`) })
  }
})

t.test('logLevel and logSerializers apply to the routes', async t => {
  const lines: string[] = []
  const logger = { level: 'info', stream: { write: (line: string) => { lines.push(line) } } }
  const quiet = await demoHost(t, { logLevel: 'warn' }, { logger })
  quiet.app.get('/host', async () => 'host')
  await call(quiet.app, NUMBER)
  t.strictSame(lines, [])
  await quiet.app.inject('/host')
  t.match(lines.join(''), '"url":"/host"')

  const { app } = await demoHost(t, {
    logSerializers: { res: ({ statusCode }: { statusCode: number }) => `status ${statusCode}`, req: ({ url }: { url: string }) => url }
  }, { logger })
  await call(app, NUMBER)
  t.match(lines.join(''), '"res":"status 200"')
  t.notMatch(lines.join(''), 'auth_password', 'requests stay without their parameters')
})

t.test('a log level that the logger does not know is refused', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify({ logger: { level: 'fatal' } })
  t.teardown(() => app.close().catch(() => {}))
  const options: object = { pool, schema, logLevel: 'loud' }
  await t.rejects(Promise.resolve(app.register(telcoNumbers, options)), { code: 'FST_ERR_ROUTE_LOG_LEVEL_INVALID' })
})

t.test('pool and connectionString exclude each other', async t => {
  const { pool } = await demoSchema(t)
  t.match(await failureOf(t, { pool, connectionString: DATABASE_URL }), {
    code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: 'pool and connectionString exclude each other'
  })
})

t.test('without pool, connectionString and @fastify/postgres, the error says what to set', async t => {
  t.match(await failureOf(t, {}), {
    code: 'TELCO_NUMBERS_INVALID_OPTIONS', message: 'set the option pool or connectionString, or first register @fastify/postgres without a name'
  })
})

t.test('an option that is undefined has its default', async t => {
  const nothing = {
    prefix: undefined, connectionString: undefined, migrate: undefined, authenticate: undefined, httpStatus: undefined,
    maxRange: undefined, lockTimeout: undefined, statementTimeout: undefined
  } as unknown as TelcoNumbersOptions
  const { app } = await demoHost(t, nothing)
  t.strictSame(await call(app, NUMBER), { responses: [{ code: '200', key: '', message: 'OK' }], data: { count: 1 } })
  t.match(await call(app, { ...NUMBER, start: '1000000', end: '2000000' }), { responses: [{ key: 'end', message: /1000000/ }] })
  t.equal((await app.inject(PATH)).statusCode, 401)
})

t.test('the options of the host are not changed', async t => {
  const { pool, schema } = await demoSchema(t)
  const own = Object.keys(pool)
  const options = Object.freeze({ pool, schema })
  const app = emptyHost(t)
  await app.register(telcoNumbers, options)
  t.strictSame(Object.keys(pool), own)
})

t.test('the schema can have any name', async t => {
  const { sql, pool } = await demoSchema(t)
  const schema = `${'ä "x'.repeat(6)}:"schema"$&`
  t.teardown(() => sql(`drop schema if exists ${pg.escapeIdentifier(schema)} cascade`))
  for (const attempt of ['new', 'present']) {
    t.equal(await failureOf(t, { pool, schema }), undefined, attempt)
  }
  t.match(await sql('select from pg_namespace where nspname = $1', [schema]), [{}])
})

t.test('the prefix precedes the path of the endpoint', async t => {
  for (const prefix of ['/local/api/json', '/v1', '']) {
    const { app } = await demoHost(t, { prefix })
    const url = callOf(NUMBER).replace('/api/json', prefix)
    t.equal((await app.inject(url)).statusCode, 200, prefix)
    t.equal((await app.inject(url.replace('?', '/?'))).statusCode, 400, prefix)
    t.equal((await app.inject(callOf(NUMBER))).statusCode, 404, prefix)
  }
})

t.test('maxRange limits the numbers of one call', async t => {
  const { app } = await demoHost(t, { maxRange: 10 })
  t.match(await call(app, { ...NUMBER, end: '2125550010' }), {
    responses: [{ code: '400', key: 'end', message: 'the range has 11 numbers, but at most 10 are allowed: choose an end nearer to start' }]
  })
  t.match(await call(app, { ...NUMBER, end: '2125550009' }), { data: { count: 10 } })
})

t.test('authenticate replaces the table people', async t => {
  const { app, sql } = await demoHost(t, {
    authenticate: async ({ headers }, { auth_username: username }) => {
      if (headers.authorization !== 'token') return null
      return { username: `${username} by token`, privileges: username === 'boss' ? ['numbers', 'system'] : ['numbers'] }
    }
  })
  const headers = { authorization: 'token' }
  const codesOf = async (url: string, sent: Record<string, string>): Promise<string[]> => (
    (await app.inject({ url, headers: sent })).json<Answer>().responses.map(({ code }) => code))

  t.strictSame(await codesOf(callOf(NUMBER), {}), ['401'])
  t.strictSame(await codesOf(callOf(NUMBER), headers), ['402'])
  t.strictSame(await codesOf(PATH, headers), ['402'])
  t.strictSame(await codesOf(callOf({ ...NUMBER, auth_username: 'boss' }), headers), ['200'])
  t.strictSame(await sql('select person from loads'), [{ person: 'boss by token' }])
})

t.test('authenticate need not return a promise', async t => {
  const { app, sql } = await demoHost(t, { authenticate: () => ({ username: 'host', privileges: ['system'] }) })
  t.strictSame(keysOf((await app.inject(PATH)).json<Answer>()), ['start', 'class', 'ingroup'])
  t.match(await call(app, NUMBER), { data: { count: 1 } })
  t.strictSame(await sql('select person from loads'), [{ person: 'host' }])
})

t.test('a pool of the host outlives the plugin', async t => {
  const { app, pool, sql } = await demoHost(t)
  await app.close()
  t.equal(pool.ended, false)
  t.strictSame(await sql('select 1 as one'), [{ one: 1 }])
  t.equal(pool.listenerCount('error'), 0)
})

t.test('the pool of @fastify/postgres is used and not ended', async t => {
  const { schema, sql } = await demoSchema(t)
  const app = fastify()
  await app.register(fastifyPostgres, { connectionString: DATABASE_URL })
  await app.register(telcoNumbers, { schema })
  t.match(await call(app, NUMBER), { data: { count: 1 } })
  t.match(await sql('select from numbers'), [{}])
  await t.resolves(app.close(), 'a pool that is ended twice would throw')
})

t.test('the plugin ends its own pool, even if registration fails', async t => {
  const { schema, sql } = await demoSchema(t)
  const connectionString = urlNamed(schema)
  const connections = async (): Promise<number> => (
    (await sql('select from pg_stat_activity where application_name = $1', [schema])).length)

  const app = emptyHost(t)
  await app.register(telcoNumbers, { connectionString, schema })
  t.match(await call(app, NUMBER), { data: { count: 1 } })
  t.ok(await connections() > 0)
  await app.close()
  await until(async () => await connections() === 0)

  t.match(await failureOf(t, { connectionString, schema: 'is not there', migrate: false }), {
    code: 'TELCO_NUMBERS_SCHEMA_VERSION'
  })
  await until(async () => await connections() === 0)
})

t.test('registers the endpoints of the option only, and refuses unknown names and duplicates', async t => {
  const { app } = await demoHost(t, { endpoints: ['get', 'list'] })
  const path = '/api/json/numbers/system'
  t.strictSame(['create', 'get', 'list'].map(name => app.hasRoute({ method: 'GET', url: `${path}/${name}` })), [false, true, true])
  const usual = await demoHost(t)
  t.strictSame(['create', 'get', 'list'].map(name => usual.app.hasRoute({ method: 'GET', url: `${path}/${name}` })), [true, false, false])
  t.strictSame(checkOptions({ endpoints: [] }).endpoints, [])
  for (const endpoints of [['create', 'create'], ['drop'], 'create', [1]]) {
    t.throws(() => checkOptions({ endpoints: endpoints as EndpointName[] }), {
      code: 'TELCO_NUMBERS_INVALID_OPTIONS',
      message: 'fastify-telco-numbers: option endpoints must be a list of create, get, list, update, delete, import, each at most once'
    })
  }
})
