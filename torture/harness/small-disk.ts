import { execFile } from 'node:child_process'
import { mkdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { APPLICATION, type Postgres, type Sql } from './postgres.js'

const run = promisify(execFile)

/** A disk that the numbers stand on, and that can be full. */
export interface SmallDisk {
  /** How it is done on this machine. */
  readonly means: string
  /** Whether PostgreSQL has no SQLSTATE for what fails then. */
  readonly isUnnamed: boolean
  /** Makes it full at once: what is there stays, and nothing can be added. Tells whether that was possible. */
  fill: (sql: Sql) => Promise<boolean>
  empty: () => Promise<void>
  remove: () => Promise<void>
}

const ROOMY = '4g'

/** Bytes that each further attempt to make the disk full leaves. */
const HEADROOM = 262_144

/** Root mounts a small file system; anybody else limits the size of files, which PostgreSQL takes for a full disk too. */
export async function smallDisk (postgres: Postgres): Promise<SmallDisk> {
  return await mountedDisk(postgres).catch(() => limitedFiles())
}

/** A tmpfs with a tablespace, which becomes as small as what is on it: writing then fails with ENOSPC. */
async function mountedDisk (postgres: Postgres): Promise<SmallDisk> {
  const folder = join(postgres.directory, 'small-disk')
  const { uid, gid } = await stat(postgres.dataDirectory)
  await mkdir(folder)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${ROOMY},mode=700,uid=${uid},gid=${gid}`, 'tmpfs', folder])
  const resize = (size: string): Promise<unknown> => run('mount', ['-o', `remount,size=${size}`, folder])
  await postgres.session(async sql => {
    await sql(`create tablespace small_disk location '${folder}'`)
    await sql('alter table telco.numbers set tablespace small_disk')
    const indexes = await sql<{ name: string }>(
      `select indexrelid::regclass::text as name from pg_index where indrelid = 'telco.numbers'::regclass`)
    for (const { name } of indexes) await sql(`alter index ${name} set tablespace small_disk`)
  })
  return {
    means: 'a tmpfs of its own (ENOSPC)',
    isUnnamed: false,
    fill: async () => {
      // It cannot become smaller than its contents, which grow just now: each attempt leaves a little more.
      for (let attempt = 0; attempt < 20; attempt++) {
        const { blocks, bfree, bsize } = await statfs(folder)
        const size = (blocks - bfree) * bsize + attempt * HEADROOM
        if (await resize(String(size)).then(() => true, () => false)) return true
      }
      return false
    },
    empty: async () => { await resize(ROOMY) },
    remove: async () => { await run('umount', ['--lazy', folder]) }
  }
}

/** No file of the running connections may become longer than the table is now: writing then fails with EFBIG. */
async function limitedFiles (): Promise<SmallDisk> {
  const isPossible = await run('prlimit', ['--version']).then(() => true, () => false)
  const limited = new Set<number>()
  const limit = async (pid: number, bytes: string): Promise<void> => {
    // The process may have ended.
    await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]).catch(() => {})
  }
  return {
    means: isPossible ? 'a limit on the size of files (EFBIG)' : 'nothing: it needs root, or the program prlimit',
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
