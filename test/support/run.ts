// tsx test/support/run.ts [--slow | <file>…] [<argument of tap>…]
// Compiles, then runs tap against DATABASE_URL or an embedded PostgreSQL that lives as long as the run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../lib/server/embedded-postgres.js'
import { BUILD, compile } from './compile.js'

/** Tests of what is built, packed, installed or shown by a browser, and of `torture` and `bench`. */
const SLOW = join('test', 'slow')

/** They would otherwise run alone at the end. */
const LONGEST = ['new-user', 'hosts', 'torture', 'torture/scenarios', 'import/hostile-files'].map(name => join(SLOW, `${name}.test.ts`))

/** They count or change what belongs to the process. */
const ALONE = [
  'test/database/pool.test.ts', 'test/database/settings.test.ts', 'test/hosts/settings.test.ts',
  'test/people/authenticator.test.ts', 'test/people/cached-person.test.ts', 'test/people/flood.test.ts', 'test/people/known-sources.test.ts'
]

/** Enough for the last ones to end at nearly the same time. */
const GROUPS = 6

// The data of a run is temporary, so it need not be durable.
const SETTINGS = [
  'max_connections=300', 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'wal_level=minimal', 'max_wal_senders=0'
]

const words = process.argv.slice(2)
const named = words.filter(word => word.endsWith('.test.ts'))
const isSlow = words.includes('--slow')
const files = named.length > 0 ? named : (await testFiles()).filter(file => file.startsWith(SLOW) === isSlow)
// Only all tests of behaviour together cover lib.
const isWhole = named.length === 0 && !isSlow
const options = [...words.filter(word => !named.includes(word) && word !== '--slow'), ...isWhole ? [] : ['--disable-coverage']]

const directory = join(await dataFolder(), `fastify-telco-numbers-test-${process.pid}`)
const [postgres] = await Promise.all([startPostgres(), compile()])

const compiled = named.length > 0 ? files.map(compiledOf) : isSlow ? await longestFirst(files) : await groupsOf(files)
const tap = spawn('tap', [...options, ...compiled], {
  stdio: 'inherit',
  env: { ...process.env, DATABASE_URL: process.env.DATABASE_URL ?? postgres?.url }
})
// A Ctrl-C in the terminal reaches tap as well; this process waits for it.
process.on('SIGINT', () => {})
const [code] = await once(tap, 'exit') as [number | null]

await postgres?.stop()
await rm(directory, { recursive: true, force: true })
process.exitCode = code ?? 1

async function testFiles (): Promise<string[]> {
  return (await readdir('test', { recursive: true })).filter(file => file.endsWith('.test.ts')).map(file => join('test', file)).sort()
}

function compiledOf (file: string): string {
  return join(BUILD, file.replace(/ts$/, 'js'))
}

/** The other files share a few processes, because to start one and load the code takes longer than most of them run. */
async function groupsOf (files: string[]): Promise<string[]> {
  const together = files.filter(file => !ALONE.includes(file))
  const groups = Array.from({ length: GROUPS }, (_, place) => together.filter((_, index) => index % GROUPS === place))
  return [
    ...ALONE.map(compiledOf),
    ...await Promise.all(groups.map((members, place) => writeTest(join(BUILD, 'test', `group-${place + 1}.test.js`), members)))
  ]
}

/** tap starts the files in the order of their names. */
async function longestFirst (files: string[]): Promise<string[]> {
  return await Promise.all(files.map(async file => (
    LONGEST.includes(file) ? await writeTest(join(BUILD, SLOW, `${LONGEST.indexOf(file)}-${basename(file, 'ts')}js`), [file]) : compiledOf(file))))
}

/** Writes a test that runs other files, and returns its path. */
async function writeTest (path: string, files: string[]): Promise<string> {
  await writeFile(path, files.map(file => `import './${relative(dirname(path), compiledOf(file))}'\n`).join(''))
  return path
}

/** The tables of each test are hundreds of files, which cost less in memory, if there is enough for the largest tests. */
async function dataFolder (): Promise<string> {
  const memory = '/dev/shm'
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }))
  return bavail * bsize > 6 * 2 ** 30 ? memory : tmpdir()
}

async function startPostgres (): Promise<EmbeddedPostgres | undefined> {
  if (process.env.DATABASE_URL !== undefined) return undefined
  const postgres = await startEmbeddedPostgres(directory, SETTINGS)
  await trustConnections(postgres.url)
  return postgres
}

/** A password costs the server and its client several milliseconds a connection, and the tests open thousands. */
async function trustConnections (url: string): Promise<void> {
  const file = join(directory, 'postgres', 'pg_hba.conf')
  await writeFile(file, `host all all 127.0.0.1/32 trust\n${await readFile(file, 'utf8')}`)
  const client = new pg.Client(url)
  await client.connect()
  await client.query('select pg_reload_conf()')
  await client.end()
}
