import { execFile } from 'node:child_process'
import { mkdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { APPLICATION, type Postgres, type Sql } from './postgres.js'

const run = promisify(execFile)

/** The disk that contains the table of numbers, and that can be made full. */
export interface SmallDisk {
  /** The method that this machine allows. */
  readonly method: string
  /** Whether PostgreSQL has no SQLSTATE for the failure. */
  readonly isUnnamed: boolean
  /** Fills the disk immediately: existing data remain, and nothing can be added. Returns whether that was possible. */
  fill: (sql: Sql) => Promise<boolean>
  empty: () => Promise<void>
  remove: () => Promise<void>
}

const DEFAULT_SIZE = '4g'

/** The space that each further attempt to make the disk full leaves. */
const HEADROOM_BYTES = 262_144

/** Mounts a small file system if it is root. Otherwise limits the size of files, which PostgreSQL reports like a full disk. */
export async function smallDisk (postgres: Postgres): Promise<SmallDisk> {
  return await mountedDisk(postgres).catch(() => limitedFiles())
}

/** Returns a tmpfs with a tablespace. To fill it, it is resized to its contents, so that writing fails with ENOSPC. */
async function mountedDisk (postgres: Postgres): Promise<SmallDisk> {
  const folder = join(postgres.directory, 'small-disk')
  const { uid, gid } = await stat(postgres.dataDirectory)
  await mkdir(folder)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${DEFAULT_SIZE},mode=700,uid=${uid},gid=${gid}`, 'tmpfs', folder])
  const resize = (size: string): Promise<unknown> => run('mount', ['-o', `remount,size=${size}`, folder])
  await postgres.session(async sql => {
    await sql(`create tablespace small_disk location '${folder}'`)
    await sql('alter table telco.numbers set tablespace small_disk')
    const indexes = await sql<{ name: string }>(
      `select indexrelid::regclass::text as name from pg_index where indrelid = 'telco.numbers'::regclass`)
    for (const { name } of indexes) await sql(`alter index ${name} set tablespace small_disk`)
  })
  return {
    method: 'a tmpfs of its own (ENOSPC)',
    isUnnamed: false,
    fill: async () => {
      // It cannot become smaller than its contents, which are growing: each attempt leaves more space.
      for (let attempt = 0; attempt < 20; attempt++) {
        const { blocks, bfree, bsize } = await statfs(folder)
        const size = (blocks - bfree) * bsize + attempt * HEADROOM_BYTES
        if (await resize(String(size)).then(() => true, () => false)) return true
      }
      return false
    },
    empty: async () => { await resize(DEFAULT_SIZE) },
    remove: async () => { await run('umount', ['--lazy', folder]) }
  }
}

/** Returns a limit on the file size of the connections: at the size of the table, so that writing fails with EFBIG. */
async function limitedFiles (): Promise<SmallDisk> {
  const isPossible = await run('prlimit', ['--version']).then(() => true, () => false)
  const limited = new Set<number>()
  const limit = async (pid: number, bytes: string): Promise<void> => {
    // The process may already have ended.
    await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]).catch(() => {})
  }
  return {
    method: isPossible ? 'a limit on the size of files (EFBIG)' : 'not possible without root or the program prlimit',
    isUnnamed: true,
    fill: async sql => {
      if (!isPossible) return false
      const rows = await sql<{ pid: number, bytes: string }>(
        `select pid, pg_relation_size('telco.numbers') as bytes from pg_stat_activity where application_name = $1`, [APPLICATION])
      for (const { pid, bytes } of rows) {
        limited.add(pid)
        await limit(pid, bytes)
      }
      return true
    },
    empty: async () => {
      for (const pid of limited) await limit(pid, 'unlimited')
      limited.clear()
    },
    remove: async () => {}
  }
}
