import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { DATABASE_URL, emptySchema, type Answer } from '../../support/host.js'
import { dataDirectory, processesOf, startServer } from '../../support/server-process.js'

t.jobs = 2

/** Returns the URL in the curl command that the server prints. */
function addressIn (line: string): string {
  return /'(.*)'/.exec(line)?.[1] ?? ''
}

async function answerOf (address: string): Promise<Answer> {
  return await (await fetch(address)).json() as Answer
}

t.test('one command starts PostgreSQL and the server with demo data, and the next start finds the numbers', async t => {
  const directory = await dataDirectory(t, 'with a space')
  const first = startServer(t, { DATA_DIR: directory })
  const example = await first.printed(/curl/)
  await first.printed(/with a new database/)
  await first.printed(/Demo data added/)
  // The exact line, in a shell.
  const { stdout } = await promisify(execFile)('sh', ['-c', example])
  t.strictSame(JSON.parse(stdout), { responses: [{ code: '200', key: '', message: 'OK' }], data: { count: 1 } })
  t.match(await readFile(join(directory, 'database-url'), 'utf8'), /^postgres:/)
  for (const file of ['database-url', 'postgres/password']) t.equal((await stat(join(directory, file))).mode & 0o777, 0o600, file)
  process.kill(first.pid, 'SIGTERM')
  t.equal(await first.ended, 0)
  t.match(first.output(), /Stopping\.\n$/)
  t.equal(first.errors(), '')
  t.strictSame(await processesOf(directory), [])
  await t.rejects(stat(join(directory, 'database-url')), { code: 'ENOENT' })

  const second = startServer(t, { DATA_DIR: directory })
  const address = addressIn(await second.printed(/curl/))
  await second.printed(/with the existing data/)
  await second.printed(/Demo data not added/)
  t.match(await answerOf(address), { responses: [{ code: '400', key: 'start', message: /already exists: 2125550000$/ }] })

  await t.test('another server in the same folder fails with the reason', async t => {
    const other = startServer(t, { DATA_DIR: directory })
    t.equal(await other.ended, 1)
    t.match(other.errors(), /^fastify-telco-numbers: A running server uses .*: stop it first\. A second server needs/)
    t.match(other.errors(), /postmaster \(PID \d+\)/)
    t.notMatch(other.errors(), /undefined/)
    t.match(await answerOf(address), { responses: [{ code: '400' }] }, 'the first one continues')
    t.resolves(stat(join(directory, 'database-url')))
  })

  // The whole process group receives a Ctrl-C, and npm forwards it once more.
  process.kill(-second.pid, 'SIGINT')
  process.kill(second.pid, 'SIGINT')
  t.equal(await second.ended, 0)
  t.equal(second.errors(), '')
  t.strictSame(await processesOf(directory), [])
})

t.test('a server whose embedded PostgreSQL ends stops with the reason and a failure, and the next start finds the data', async t => {
  const directory = await dataDirectory(t)
  const first = startServer(t, { DATA_DIR: directory })
  const address = addressIn(await first.printed(/curl/))
  t.match(await answerOf(address), { data: { count: 1 } })
  const [postmaster = ''] = (await readFile(join(directory, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(postmaster), 'SIGINT')
  t.equal(await first.ended, 1)
  t.match(first.errors(), /^fastify-telco-numbers: the embedded PostgreSQL has ended, and the server stops: start it again$/m)
  t.strictSame(await processesOf(directory), [])
  await t.rejects(stat(join(directory, 'database-url')), { code: 'ENOENT' })

  const second = startServer(t, { DATA_DIR: directory })
  t.match(await answerOf(addressIn(await second.printed(/curl/))), { responses: [{ message: /already exists: 2125550000$/ }] })
  process.kill(second.pid, 'SIGTERM')
  t.equal(await second.ended, 0)
  t.equal(second.errors(), '')
})

t.test('a first start whose port is taken fails before it creates a database', async t => {
  const directory = await dataDirectory(t)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const server = startServer(t, { DATA_DIR: directory, PORT: String((other.address() as AddressInfo).port) })
  t.equal(await server.ended, 1)
  t.match(server.errors(), /^fastify-telco-numbers: cannot listen on HOST and PORT: .*EADDRINUSE/)
  t.equal(server.output(), '')
  await t.rejects(stat(directory), { code: 'ENOENT' })
})

/** The lines of a JSON log, parsed. */
function logOf (output: string): Array<Record<string, unknown>> {
  return output.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Record<string, unknown>)
}

t.test('another database gets demo data only on request, and logs are JSON without credentials', async t => {
  const { schema } = await emptySchema(t)
  const seeded = startServer(t, {
    DATABASE_URL, SCHEMA: schema, PREFIX: '/telco', HTTP_STATUS: 'always-200', MAX_RANGE: '10', SEED_DEMO: 'true'
  })
  const [origin] = /http:[^"]*/.exec(await seeded.printed(/Listening/)) ?? []
  t.match(origin, /^http:\/\/127\.0\.0\.1:\d+$/)
  const address = `${origin}/telco/numbers/system/create/?auth_username=user;auth_password=password;start=2125550000;class=1;ingroup=2`
  t.match(await answerOf(address), { data: { count: 1 } })
  const tooLong = await fetch(`${address};end=2125550010`)
  t.equal(tooLong.status, 200, 'HTTP_STATUS')
  t.match(await tooLong.json(), { responses: [{ code: '400', key: 'end', message: /at most 10 / }] }, 'MAX_RANGE')
  process.kill(seeded.pid, 'SIGTERM')
  t.equal(await seeded.ended, 0)
  const log = logOf(seeded.output())
  t.match(log.find(line => line.msg === 'incoming request'), {
    level: 30, req: { method: 'GET', url: '/telco/numbers/system/create/' }
  })
  t.equal(log.filter(line => String(line.msg).includes('istening')).length, 1)
  t.notMatch(seeded.output(), 'auth_password')
})

t.test('new tables get an initial admin, whose password is printed once, beside the log', async t => {
  const { schema, sql } = await emptySchema(t)
  const folder = await dataDirectory(t)
  await mkdir(folder)
  await writeFile(join(folder, '.env'), `SCHEMA=${schema}\nPORT=65536\n`)
  const first = startServer(t, { DATABASE_URL }, { cwd: folder })
  const [origin] = /http:[^"]*/.exec(await first.printed(/Listening/)) ?? []
  const [, username = '', password = ''] = /^Username (\S+), password (\S+) /.exec(await first.printed(/^Username/)) ?? []
  t.equal(username, 'admin')
  t.match(await answerOf(`${origin}/api/json/numbers/system/create?auth_username=${username}&auth_password=${password}`), {
    responses: [{ code: '400', key: 'start' }]
  })
  process.kill(first.pid, 'SIGTERM')
  t.equal(await first.ended, 0)
  const log = logOf(first.output().replace(/^Username.*\n/m, ''))
  t.notMatch(JSON.stringify(log), password)
  t.strictSame(await sql('select username from people'), [{ username: 'admin' }])
  t.strictSame(await sql('select from classes'), [], 'no demo data')

  const second = startServer(t, { DATABASE_URL }, { cwd: folder })
  await second.printed(/Listening/)
  process.kill(second.pid, 'SIGTERM')
  t.equal(await second.ended, 0)
  t.notMatch(second.output(), 'Username')
})

t.test('a start that fails prints the reason in one line, and ends with code 1', async t => {
  const { schema } = await emptySchema(t)
  for (const [environment, message] of [
    [{ PORT: '65536' }, /^fastify-telco-numbers: PORT must be a port number/],
    [{ DATABASE_URL: 'postgres://postgres:secret@127.0.0.1:1/postgres' }, /^fastify-telco-numbers: .*cannot be reached/],
    [{ DATABASE_URL, SCHEMA: schema, HOST: '192.0.2.1' }, /^fastify-telco-numbers: .*192\.0\.2\.1/]
  ] as const) {
    const server = startServer(t, environment)
    t.equal(await server.ended, 1)
    t.match(server.errors(), message)
    t.equal(server.errors().trim().split('\n').length, 1)
    t.notMatch(server.errors(), 'secret')
    t.notMatch(server.output(), 'Stopping')
  }
})
