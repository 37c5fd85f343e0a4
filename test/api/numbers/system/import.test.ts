import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import fastify, { type InjectOptions } from 'fastify'
import t from 'tap'
import telcoNumbers, { type TelcoNumbersOptions } from '../../../../lib/index.js'
import { demoHost, demoSchema, USER, type Answer } from '../../../support/host.js'
import { FORM, JSON_OBJECT, send } from '../../../support/endpoint.js'

t.jobs = 3

const IMPORT = '/api/json/numbers/system/import'
const ENDPOINTS: TelcoNumbersOptions = { endpoints: ['import'] }
const DEFAULTS = { ...USER, class: '1', ingroup: '2' }

function pathOf (parameters: Record<string, string> = {}): string {
  return `${IMPORT}?${new URLSearchParams({ ...DEFAULTS, ...parameters }).toString()}`
}

function post (contentType: string, payload: string | Buffer, url = pathOf()): InjectOptions {
  return { method: 'POST', url, headers: { 'content-type': contentType }, payload }
}

t.test('accepts a file as a body, as a form and as JSON', async t => {
  const { app, sql } = await demoHost(t, ENDPOINTS)
  const added = (count: number) => ({ responses: [{ code: '200', key: '', message: 'OK' }], data: { count } })
  t.strictSame((await app.inject(post('text/csv', '301\n302\n305\n'))).json(), added(3))
  t.strictSame((await app.inject(post('text/csv; charset=utf-8', Buffer.from('\uFEFFnumber;Ort\r\n401;K\u00f6ln\r\n')))).json(), added(1))
  t.strictSame((await app.inject(post('text/plain', '501', `${IMPORT}/?auth_username=user;auth_password=password;class=1;ingroup=2`))).json(), added(1))
  t.strictSame((await app.inject(post(FORM, new URLSearchParams({ ...DEFAULTS, csv: '601\n602' }).toString(), IMPORT))).json(), added(2))
  t.strictSame((await app.inject(post(JSON_OBJECT, JSON.stringify({ ...DEFAULTS, class: 2, csv: '701\r\n702,709\r\n' }), IMPORT))).json(), added(9))
  t.strictSame((await app.inject(pathOf({ csv: '801' }))).json(), added(1))
  t.strictSame(await sql('select source, request_id is not null as "hasRequest", count from loads order by id'), [3, 1, 1, 2, 9, 1].map(count => (
    { source: '127.0.0.1', hasRequest: true, count })))
})

t.test('with validation=1 it adds nothing, and reports what it would add', async t => {
  const { app, sql } = await demoHost(t, ENDPOINTS)
  t.strictSame((await app.inject(post('text/csv', '301\n302\n305\n', pathOf({ validation: '1' })))).json(), {
    responses: [{ code: '201', key: '', message: 'Input passed validation.' }], data: { count: 0, numbers: 3, ranges: 2 }
  })
  t.strictSame(await sql('select from loads'), [])
})

t.test('replies 400 with the line of each issue', async t => {
  const { app, sql } = await demoHost(t, ENDPOINTS)
  const reply = await app.inject(post('text/csv', 'number\n301\n3O2\n+303\n'))
  t.equal(reply.statusCode, 400)
  t.strictSame(reply.json<Answer>().responses.map(({ key, message }) => `${key}: ${message.slice(0, 34)}`), [
    'csv: line 3, column number: "3O2" must ', 'csv: line 4, column number: "+303" begi'
  ])
  const keysOf = async (request: InjectOptions | string): Promise<string[]> => (
    (await app.inject(request)).json<Answer>().responses.map(({ code, key }) => `${code} ${key}`))
  t.strictSame(await keysOf(pathOf()), ['400 csv'])
  t.strictSame(await keysOf(post('text/csv', '301', pathOf({ csv: '302' }))), ['400 csv'])
  t.strictSame(await keysOf(post('text/csv', '3O1', pathOf({ class: 'x', plus: 'y', punctation: 'strip' }))), ['400 class', '400 plus', '400 punctation'])
  t.strictSame(await keysOf(post('text/csv', 'a\n1', pathOf({ columns: 'number=b' }))), ['400 columns'])
  t.strictSame(await sql('select from loads'), [])
})

t.test('removes a plus sign if plus is empty, but not if it is missing', async t => {
  const { app, sql } = await demoHost(t, ENDPOINTS)
  t.match((await app.inject(post('text/csv', '+301', pathOf({ plus: '' })))).json(), { data: { count: 1 } })
  t.match((await app.inject(post(JSON_OBJECT, JSON.stringify({ ...DEFAULTS, csv: '+302', plus: null }), IMPORT))).json(), { responses: [{ key: 'csv' }] })
  t.match((await app.inject(post('text/csv', '+44 303', pathOf({ plus: '44:0' })))).json(), { data: { count: 1 } })
  t.strictSame(await sql('select number from numbers order by number'), [{ number: '0303' }, { number: '301' }])
})

t.test('replies 401 and 402 before it reads a file', async t => {
  const { app } = await demoHost(t, ENDPOINTS)
  for (const payload of ['301', '3O1', Buffer.alloc(100_000, 255)]) {
    t.equal((await app.inject(post('text/csv', payload, pathOf({ auth_password: 'wrong' })))).statusCode, 401)
    t.equal((await app.inject(post('text/csv', payload, pathOf({ auth_username: 'clerk' })))).statusCode, 402)
  }
})

t.test('accepts up to 32 MiB, and replies 413 to more', async t => {
  const { app } = await demoHost(t, ENDPOINTS)
  const row = `,${'x'.repeat(50_000)}\n`
  const rows = 'number,Note\n' + Array.from({ length: 600 }, (_, index) => `${1000 + index}${row}`).join('')
  t.match((await app.inject(post('text/csv', rows))).json(), { data: { count: 600 } })
  t.match((await app.inject(post('text/csv', rows + rows))).json(), { responses: [{ code: '413', message: 'The body is too large.' }] })
  t.equal((await app.inject(post(FORM, `csv=${'1'.repeat(33_554_432)}`))).statusCode, 413)
  const json = JSON.stringify({ ...DEFAULTS, csv: rows.replaceAll('\n1', '\n2') })
  t.match((await app.inject(post(JSON_OBJECT, json, IMPORT))).json(), { data: { count: 600 } })
  t.match((await app.inject(post(JSON_OBJECT, JSON.stringify({ ...DEFAULTS, csv: '\n'.repeat(100_000) }), IMPORT))).json(), { responses: [{ key: 'csv' }] })
})

t.test('replies to a file that it does not read to its end', async t => {
  const { app } = await demoHost(t, ENDPOINTS)
  await app.listen({ port: 0 })
  const rest = Array.from({ length: 50 }, () => '301\n'.repeat(16_384))
  const reply = await send(app, 'POST', pathOf(), { 'content-type': 'text/csv' }, ['"301"x\n', ...rest])
  t.equal(reply.status, 400)
  t.match(JSON.parse(reply.body), { responses: [{ message: /^line 1: a row must have at most 65536 characters/ }] })
})

t.test('adds nothing if the client disconnects in the middle of a file', async t => {
  const errors: string[] = []
  const { app, sql } = await demoHost(t, ENDPOINTS, { logger: { level: 'error', stream: { write: (line: string) => { errors.push(line) } } } })
  await app.listen({ port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`POST ${pathOf()} HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\ncontent-length: 1000\r\n\r\n301\n302\n`)
  await once(app.server, 'request')
  socket.destroy()
  await app.close()
  t.strictSame(await sql('select from loads'), [])
  t.strictSame(errors, [])
})

t.test('replies 500 if a hook of the host cannot pass the file on', async t => {
  const { pool, schema } = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  async function* broken (): AsyncGenerator<string> {
    yield '301\n'
    throw new Error('not compressed')
  }
  app.addHook('preParsing', async () => Readable.from(broken()))
  await app.register(telcoNumbers, { pool, schema, ...ENDPOINTS })
  t.equal((await app.inject(post('text/csv', '301'))).statusCode, 500)
})

t.test('names the media types of files to a client that sends one in another way', async t => {
  const { app } = await demoHost(t, { endpoints: ['create', 'import'] })
  const messagesOf = async (type: string, content: string, url?: string): Promise<string[]> => (
    (await app.inject(post(type, content, url))).json<Answer>().responses.map(({ message }) => message))
  const parameters = 'Send the parameters as application/x-www-form-urlencoded or application/json'
  t.strictSame(await messagesOf('multipart/form-data; boundary=x', '--x--'), [`${parameters}, or the file as text/csv or text/plain.`])
  t.strictSame(await messagesOf('text/csv', '301', pathOf().replace('import', 'create')), [`${parameters}.`])
  t.match(await messagesOf(FORM, '301\n302\n'), [/^csv is missing: .* with the Content-Type text\/csv$/])
})

t.test('other endpoints accept no files and no large bodies', async t => {
  const { app } = await demoHost(t)
  t.equal((await app.inject(post('text/csv', '301', pathOf().replace('import', 'create')))).statusCode, 415)
  t.equal((await app.inject(post(FORM, `x=${'1'.repeat(70_000)}`, pathOf().replace('import', 'create')))).statusCode, 413)
})
