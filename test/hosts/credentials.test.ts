import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import swagger from '@fastify/swagger'
import fastify, { type InjectOptions } from 'fastify'
import t from 'tap'
import ts from 'typescript'
import telcoNumbers from '../../lib/index.js'
import { hashPassword } from '../../lib/people/passwords.js'
import { openProxy } from '../support/proxy.js'
import { DATABASE_URL, demoSchema, PATH } from '../support/host.js'
import { sectionOf } from '../support/readme.js'

const MARKER = 'hunter2marker'
const CREDENTIALS = `auth_username=user;auth_password=${MARKER}`

t.test('writes no credential to a log line, a reply, the OpenAPI description or the database', async t => {
  const { schema, sql } = await demoSchema(t)
  await sql('update people set password_hash = $1', [await hashPassword(MARKER)])
  const lines: string[] = []
  const app = fastify({ logger: { level: 'trace', stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(swagger, { openapi: { openapi: '3.1.0' } })
  const database = await openProxy(t)
  await app.register(telcoNumbers, { connectionString: database.url, schema, onChange: () => { throw new Error('hook') } })

  const codes = new Set<number>()
  const replies: string[] = []
  const request = async (options: InjectOptions): Promise<void> => {
    const reply = await app.inject(options)
    codes.add(reply.statusCode)
    replies.push(reply.payload, JSON.stringify(reply.headers))
  }
  const good = 'start=1;class=1;ingroup=1'
  await request({ url: `${PATH}/?${CREDENTIALS};${good}` })
  await request({ url: `${PATH}?${CREDENTIALS};${good};validation=1;start=2` })
  await request({ url: `${PATH}?${CREDENTIALS};start=9;class=1;ingroup=1;validation=1` })
  await request({ url: `${PATH}?auth_username=unknown;auth_password=${MARKER};${good}` })
  await request({ url: `${PATH}?auth_username=user;auth_password=${MARKER}x;${good}` })
  await request({ url: `${PATH}?auth_username=clerk;auth_password=${MARKER};${good}` })
  await request({ url: `${PATH}/more?${CREDENTIALS}` })
  await request({ method: 'PUT', url: `${PATH}?${CREDENTIALS}` })
  const post = async (type: string, payload: string): Promise<void> => {
    await request({ method: 'POST', url: PATH, headers: { 'content-type': type }, payload })
  }
  await post('text/plain', CREDENTIALS)
  await post('application/json', `{"auth_password":"${MARKER}",`)
  await post('application/x-www-form-urlencoded', `${CREDENTIALS}&${'x'.repeat(70_000)}`)
  await sql('alter table numbers rename to missing')
  await request({ url: `${PATH}?${CREDENTIALS};start=77;class=1;ingroup=1` })
  await sql('alter table missing rename to numbers')
  await sql('alter table people rename to missing')
  await request({ url: `${PATH}?${CREDENTIALS};start=77;class=1;ingroup=1` })
  await sql('alter table missing rename to people')
  t.strictSame([...codes].sort(), [200, 201, 400, 401, 402, 404, 405, 413, 415, 500])

  t.ok(lines.length > 20 && lines.some(line => line.includes('incoming request')))
  t.match(database.sent(), 'password_hash')
  const rows = await Promise.all(['loads', 'numbers', 'transactions', 'people'].map(table => sql(`select ${table}::text from ${table}`)))
  for (const [place, content] of Object.entries({ lines, replies, sent: database.sent(), rows, description: app.swagger() })) {
    t.notMatch(JSON.stringify(content), MARKER, place)
  }
})

t.test('still logs the path and the address of the caller', async t => {
  const { pool, schema } = await demoSchema(t)
  const lines: string[] = []
  const app = fastify({ logger: { stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema })
  await app.inject(`${PATH}?${CREDENTIALS}`)
  t.match(JSON.parse(lines[0] ?? ''), { msg: 'incoming request', req: { method: 'GET', url: PATH, remoteAddress: '127.0.0.1' } })
})

t.test('a host that is set up as documented shows no credential of a call of an endpoint that is not registered', async t => {
  const { schema } = await demoSchema(t)
  const [block] = sectionOf('## Endpoints that are not registered', 'docs/host.md').blocks
  const source = (block?.text ?? '')
    .replace(/'fastify-telco-numbers'/, `'${new URL('../../lib/index.js', import.meta.url).href}'`)
    .replace(/'postgres:[^']*'/, `'${DATABASE_URL}', schema: '${schema}'`)
  t.match(source, schema)
  const calls = `
    for (const path of ['list/', 'create/%zz', 'get']) {
      const reply = await app.inject('/api/json/numbers/system/' + path + '?${CREDENTIALS}')
      console.log(reply.statusCode, reply.body)
    }
    await app.close()`
  const { outputText } = ts.transpileModule(source + calls, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }
  })
  const folder = t.testdir({ 'host.mjs': outputText })
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, 'host.mjs')], {
    env: { ...process.env, NODE_OPTIONS: '' }
  })
  t.strictSame(stdout.split('\n').flatMap(line => /^(\d+) /.exec(line)?.[1] ?? []), ['404', '404', '401'])
  t.match(stdout, '"url":"/api/json/numbers/system/list/[redacted]"')
  t.notMatch(stdout + stderr, MARKER)
})
