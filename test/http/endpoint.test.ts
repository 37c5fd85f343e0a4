import t from 'tap'
import { call, callOf, demoHost, PATH, USER, type Answer } from '../support/host.js'
import { CHECK, contentOf, FORM, JSON_OBJECT, NUMBER, outcomeOf, post, send } from '../support/endpoint.js'

const CLERK = { auth_username: 'clerk', auth_password: 'password' }

// The calls in which a test uses it change nothing.
const { app } = await demoHost(t)

t.test('accepts the path with and without a trailing slash', async t => {
  for (const method of ['GET', 'POST'] as const) {
    t.strictSame(await outcomeOf(app, { method, url: callOf(CHECK) }), ['201'])
    t.strictSame(await outcomeOf(app, { method, url: callOf(CHECK).replace('?', '/?') }), ['201'])
  }
  t.strictSame(await outcomeOf(app, post(FORM, new URLSearchParams(USER).toString(), `${PATH}/?start=1;class=1;ingroup=1`)), ['200'])
})

t.test('refuses methods other than GET and POST, and does nothing', async t => {
  const host = await demoHost(t)
  const before = await contentOf(host)
  for (const method of ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
    for (const url of [callOf(NUMBER), callOf(NUMBER).replace('?', '/?')]) {
      const reply = await host.app.inject({ method, url })
      t.equal(reply.statusCode, 405, method)
      t.equal(reply.headers.allow, 'GET, POST', method)
      t.equal(reply.headers['cache-control'], 'no-store', method)
      if (method !== 'HEAD') {
        t.strictSame(reply.json(), { responses: [{ code: '405', key: '', message: 'Only GET and POST are allowed.' }] }, method)
      }
    }
  }
  t.strictSame(await contentOf(host), before)
})

t.test('ignores the body of a method that is not allowed', async t => {
  for (const payload of ['', 'x', 'x'.repeat(100_000)]) {
    t.strictSame(await outcomeOf(app, { ...post('text/plain', payload), method: 'PUT' }), ['405'])
  }
})

t.test('replies 404 below the path', async t => {
  const host = await demoHost(t)
  const before = await contentOf(host)
  for (const below of ['x', 'x/', '/', 'x'.repeat(500), 'create']) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS'] as const) {
      const reply = await host.app.inject({ method, url: callOf(NUMBER).replace('?', `/${below}?`) })
      t.equal(reply.statusCode, 404, `${method} ${below}`)
      t.strictSame(reply.json(), { responses: [{ code: '404', key: '', message: 'This endpoint does not exist.' }] })
      t.equal(reply.headers['cache-control'], 'no-store')
    }
  }
  t.strictSame(await contentOf(host), before)
})

t.test('leaves a longer path with the same beginning to the host', async t => {
  const reply = await app.inject(`${PATH}s`)
  t.equal(reply.statusCode, 404)
  t.notMatch(reply.json(), { responses: [] })
})

t.test('refuses a body that is too large with 413, before any other check', async t => {
  for (const mediaType of [FORM, JSON_OBJECT, 'text/plain']) {
    const reply = await app.inject(post(mediaType, 'x'.repeat(65_537), callOf(CHECK)))
    t.equal(reply.statusCode, 413)
    t.strictSame(reply.json(), { responses: [{ code: '413', key: '', message: 'The body is too large.' }] })
  }
  t.strictSame(await outcomeOf(app, post(FORM, `x=${'x'.repeat(65_534)}`, callOf(CHECK))), ['201'])
})

t.test('replies 401 to credentials that are missing, empty, wrong or not text, whatever the other issues are', async t => {
  const { app } = await demoHost(t)
  const wrong = [
    '', 'auth_username=user', 'auth_password=password', 'auth_username=&auth_password=', 'auth_username=user&auth_password=',
    'auth_username=&auth_password=password', 'auth_username=user&auth_password=Password', 'auth_username=User&auth_password=password',
    'auth_username=user+&auth_password=password', 'auth_username=unknown&auth_password=password',
    'auth_username=us%00er&auth_password=password', 'auth_username=user%00&auth_password=password',
    'auth_username=user&auth_password=password%00', 'auth_username=%zz&auth_password=password', 'auth_username=user&auth_password=%ff'
  ]
  for (const credentials of wrong) {
    t.strictSame(await outcomeOf(app, `${PATH}?${credentials}&start=x&stype=x&class=9`), ['401'], credentials)
    t.strictSame(await outcomeOf(app, `${PATH}?${credentials}&start=1&class=1&ingroup=2`), ['401'], credentials)
  }
})

t.test('replies 401 to credentials in JSON that are not strings of whole characters', async t => {
  const { app } = await demoHost(t)
  for (const [username, password] of [
    ['"user\\ud800"', '"password"'], ['"\\udc00"', '"password"'], ['"user"', '"pass\\ud800"'], ['"user\\u0000"', '"password"'],
    ['null', 'null'], ['1', '2'], ['true', 'true'], ['["user"]', '["password"]'], ['{"a":1}', '{}']
  ] as const) {
    const body = `{"auth_username": ${username}, "auth_password": ${password}, "start": "1", "class": 1, "ingroup": 1}`
    t.strictSame(await outcomeOf(app, post(JSON_OBJECT, body)), ['401'], body)
  }
})

t.test('replies 402 to a role without the privilege, whatever the other issues are, and does nothing', async t => {
  const host = await demoHost(t)
  await call(host.app, NUMBER)
  const before = await contentOf(host)
  for (const parameters of [NUMBER, { ...NUMBER, start: '1' }, { ...CHECK, class: 9 }, { start: 'x' }, {}]) {
    t.strictSame(await call(host.app, { ...parameters, ...CLERK }), {
      responses: [{ code: '402', key: '', message: 'Your role does not allow this.' }]
    })
  }
  t.strictSame(await outcomeOf(host.app, callOf({ ...CLERK, auth_password: 'wrong' })), ['401'])
  t.strictSame(await contentOf(host), before)
})

t.test('makes every check for validation=1, and changes neither a table nor a sequence', async t => {
  const host = await demoHost(t)
  await call(host.app, NUMBER)
  const before = await contentOf(host)
  const range = { ...CHECK, start: '2125550001', end: '2125559999' }
  const answer = { responses: [{ code: '201', key: '', message: 'Input passed validation.' }], data: { count: 0 } }
  t.strictSame(await call(host.app, range), answer)
  t.strictSame(await call(host.app, { ...range, alias: '+0001', customer: 3, region: 1, charge_customer: 1, stype: 'callerid' }), answer)
  t.strictSame(await outcomeOf(host.app, callOf({ ...CHECK, class: 9, customer: 9, validation: 1 })), [
    '400 start', '400 class', '400 customer'
  ])
  t.strictSame(await outcomeOf(host.app, callOf({ ...range, class: 3, customer: 3, charge_customer: 1 })), ['400 charge_customer'])
  t.strictSame(await contentOf(host), before)
})

t.test('refuses HEAD over a socket, without a body in the reply', async t => {
  const host = await demoHost(t)
  await host.app.listen({ port: 0 })
  const before = await contentOf(host)
  const { status, headers, body } = await send(host.app, 'HEAD', callOf(NUMBER))
  t.strictSame([status, headers.allow, headers['cache-control'], body], [405, 'GET, POST', 'no-store', ''])
  t.strictSame(await contentOf(host), before)
})

t.test('refuses a method that Fastify does not route, and does not log its query', async t => {
  const lines: string[] = []
  const logger = { stream: { write: (line: string) => { lines.push(line) } } }
  const { app } = await demoHost(t, {}, { logger })
  await app.listen({ port: 0 })
  for (const method of ['PROPFIND', 'MKCOL', 'PURGE']) {
    for (const url of [callOf(NUMBER), callOf(NUMBER).replace('?', '/?')]) {
      const { status, headers, body } = await send(app, method, url)
      t.strictSame([status, headers.allow, headers['cache-control']], [405, 'GET, POST', 'no-store'], method)
      t.strictSame(JSON.parse(body), { responses: [{ code: '405', key: '', message: 'Only GET and POST are allowed.' }] })
    }
    t.match(await send(app, method, callOf(NUMBER).replace('?', '/below?')), { status: 404, body: /^\{"responses":\[\{"code":"404"/ })
  }
  t.ok(lines.some(line => line.includes('"method":"PROPFIND"')))
  t.notMatch(lines.join(''), 'auth_password')
})

t.test('logs a call with the child logger of the host', async t => {
  const lines: string[] = []
  const { app } = await demoHost(t, {}, {
    logger: { stream: { write: (line: string) => { lines.push(line) } } },
    childLoggerFactory: (logger, bindings, options) => logger.child({ ...bindings, tenant: 'north' }, options)
  })
  t.strictSame(await outcomeOf(app, callOf(CHECK)), ['201'])
  t.ok(lines.some(line => line.includes('"tenant":"north"') && line.includes('"incoming request"')))
  t.notMatch(lines.join(''), 'auth_password')
})

t.test('reads a chunked body, and needs no Content-Type for an empty one', async t => {
  const { app } = await demoHost(t)
  await app.listen({ port: 0 })
  const form = new URLSearchParams({ ...USER, start: '1', class: '1', ingroup: '1' }).toString()
  t.match(await send(app, 'POST', PATH, { 'content-type': FORM }, [form.slice(0, 30), form.slice(30)]), { status: 200 })
  t.match(await send(app, 'POST', callOf(CHECK), { 'transfer-encoding': 'chunked' }), { status: 201 })
  t.match(await send(app, 'POST', callOf(CHECK), { 'transfer-encoding': 'chunked' }, ['x']), { status: 415 })
  t.match(await send(app, 'POST', callOf(CHECK), { 'content-type': FORM }, ['x'.repeat(40_000), 'y'.repeat(40_000)]), { status: 413 })
})

t.test('accepts any Content-Type without a body', async t => {
  const { app } = await demoHost(t)
  await app.listen({ port: 0 })
  for (const mediaType of ['Application/JSON', 'multipart/form-data', '\xff/\xff', ';;', '"', 'a/b/c', ' ']) {
    for (const method of ['GET', 'POST']) {
      t.match(await send(app, method, callOf(CHECK), { 'content-type': mediaType, 'content-length': '0' }), { status: 201 }, mediaType)
    }
  }
})

t.test('ignores the body of a GET', async t => {
  const { app } = await demoHost(t)
  await app.listen({ port: 0 })
  const headers = { 'content-type': FORM, 'content-length': '7' }
  const { status, body } = await send(app, 'GET', callOf(CHECK), headers, ['class=9'])
  t.equal(status, 201)
  t.match(JSON.parse(body) as Answer, { responses: [{ code: '201' }] })
})
