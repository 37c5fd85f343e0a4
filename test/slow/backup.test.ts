import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import telcoNumbers from '../../lib/index.js'
import { scriptGrants } from '../../lib/grants.js'
import { seedDemoData } from '../../lib/server/demo-data.js'
import { PARTITION_NUMBERS } from '../../lib/sql/texts.js'
import { blocksOf, sectionOf, type Block } from '../support/readme.js'

const execute = promisify(execFile)

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url))

const PAGE = 'docs/backup.md'

const CHECK = blocksOf(PAGE).slice(0, 1)

const blocksUnder = (heading: string): readonly Block[] => sectionOf(heading, PAGE).blocks

const ROLES = { server: 'telco_server', operator: 'telco_operator' }

const DEBIAN = '/usr/lib/postgresql'

t.setTimeout(400_000)

/** Returns the folder with the programs of the newest PostgreSQL that is installed. */
async function programs (): Promise<string> {
  const versions = existsSync(DEBIAN) ? (await readdir(DEBIAN)).sort((one, other) => Number(other) - Number(one)) : []
  const folders = [...versions.map(version => join(DEBIAN, version, 'bin')), ...(process.env.PATH ?? '').split(delimiter)]
  const found = folders.find(folder => ['initdb', 'pg_ctl', 'pg_dump', 'psql'].every(name => existsSync(join(folder, name))))
  if (found === undefined) throw new Error('this test needs the programs of a PostgreSQL server: initdb, pg_ctl, pg_dump, psql')
  return found
}

interface Installation {
  /** Runs blocks of the page unchanged. */
  readonly run: (blocks: readonly Block[], target: string) => Promise<void>
  /** Creates a database, and returns its URL. */
  readonly createDatabase: (name: string, owner?: string) => Promise<string>
  readonly source: string
}

/** A separate PostgreSQL, whose backup programs have its version. */
async function install (t: Test): Promise<Installation> {
  const [bin, folder] = [await programs(), await mkdtemp(join(tmpdir(), 'telco-backup-'))]
  await chmod(folder, 0o755)
  const [data, shims] = [join(folder, 'data'), join(folder, 'bin')]
  const port = await freePort()
  await mkdir(data)
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid?.() === 0
  const idOf = async (flag: string): Promise<number> => Number((await execute('id', [flag, 'postgres'])).stdout)
  const user = isRoot ? { uid: await idOf('-u'), gid: await idOf('-g') } : {}
  if (user.uid !== undefined) await chown(data, user.uid, user.gid)
  const server = async (program: string, ...words: string[]): Promise<unknown> => await execute(join(bin, program), ['-D', data, ...words], { ...user, cwd: tmpdir() })
  await server('initdb', '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync')
  await server('pg_ctl', '-w', '-l', join(data, 'log'), '-o', `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`, 'start')
  t.teardown(async () => {
    await server('pg_ctl', '-w', '-m', 'immediate', 'stop')
    await rm(folder, { recursive: true })
  })
  // The package is not installed here.
  await mkdir(shims)
  await writeFile(join(shims, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" --enable-source-maps "${MAIN}" "$@"\n`, { mode: 0o755 })

  const urlOf = (name: string, owner = 'postgres'): string => `postgres://${owner}@127.0.0.1:${port}/${name}`
  const source = urlOf('source')
  const createDatabase = async (name: string, owner?: string): Promise<string> => {
    await query(urlOf('postgres'), `create database ${name} template template0 encoding 'UTF8' ${owner === undefined ? '' : `owner ${owner}`}`)
    return urlOf(name, owner)
  }
  const run: Installation['run'] = async (blocks, target) => {
    const cwd = await mkdtemp(join(folder, 'dump-'))
    await execute('sh', ['-ec', blocks.map(({ text }) => text).join('\n')], {
      cwd, env: { PATH: `${shims}${delimiter}${bin}${delimiter}${process.env.PATH}`, DATABASE_URL: source, TARGET_URL: target }
    })
  }
  return { run, createDatabase, source }
}

async function freePort (): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => { resolve() }))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function query<Row extends pg.QueryResultRow> (url: string, text: string): Promise<Row[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

/** Returns the number of rows of each table, and a digest of them without the transactions that wrote loads. */
async function contentsOf (url: string): Promise<unknown> {
  const tables = await query<{ name: string }>(url, `select relname as name from pg_class where relnamespace = 'telco'::regnamespace
    and relkind in ('r', 'p') and not relispartition and relname <> 'telco_numbers_migrations' order by 1`)
  const contents = []
  for (const { name } of tables) {
    contents.push([name, await query(url, `select count(*), md5(string_agg(row, ' ' order by row))
      from (select (to_jsonb(${name}) - 'xid')::text collate "C" as row from telco.${name}) as row`)])
  }
  return contents
}

/** Fills a database with all kinds of calls. */
async function fill (url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url })
  const app = fastify()
  await app.register(telcoNumbers, { pool })
  await app.ready()
  await seedDemoData(pool, 'telco')
  const { telcoNumbers: numbers } = app
  await numbers.create({ start: '00100', end: '00199', alias: '+4900', class: 1, ingroup: 1, customer: 3, charge_customer: true })
  await numbers.create({ start: '2125550000', end: '2125559999', alias: '05000', class: 2, ingroup: 2, region: 1 })
  await numbers.import('number,alias\n77,7\n99,\n9100,', { class: 3, ingroup: 1, customer: 3 })
  await numbers.update({ number: '2125550000', end: '2125550099', class: 1 })
  await numbers.delete({ number: '2125551000', end: '2125551099' })
  await numbers.undo((await numbers.create({ start: '555', class: 1, ingroup: 1 })).id ?? '')
  await app.close()
  await pool.end()
}

t.test('the commands of the page on backups restore every row, reference, alias and right', async t => {
  const { run, createDatabase, source } = await install(t)
  const superuser = await createDatabase('source')
  await query(superuser, 'create role telco_server login; create role telco_operator login; create role another login; create role guest login')
  await fill(source)
  await query(source, scriptGrants('telco', ROLES))
  const before = await contentsOf(source)

  async function verify (t: Test, target: string): Promise<void> {
    t.strictSame(await contentsOf(target), before)
    await t.resolves(run(CHECK, target), 'check finds nothing')
    const mayExecute = `select has_function_privilege('guest', 'telco.guard_references(text, text, text)', 'execute') as may`
    t.strictSame(await query(target, mayExecute), [{ may: false }])
    const app = fastify()
    const asServer = new URL(target)
    asServer.username = 'telco_server'
    const pool = new pg.Pool({ connectionString: asServer.href })
    await app.register(telcoNumbers, { pool, migrate: false })
    t.match(await app.telcoNumbers.create({ start: '4', class: 1, ingroup: 1 }), { count: 1 })
    await t.rejects(app.telcoNumbers.create({ start: '5', alias: '05200', class: 1, ingroup: 1 }), { code: 'TELCO_NUMBERS_INVALID_PARAMETERS', message: /alias/ })
    t.match(await app.telcoNumbers.undo('1'), { count: 100, reversals: [{}, {}] })
    await app.close()
    await pool.end()
  }

  for (const [heading, name, owner] of [
    ['## Everything', 'everything'], ['## In parallel', 'parallel'], ['## Another owner', 'another', 'another']
  ] as const) {
    await t.test(heading, async t => {
      const target = await createDatabase(name, owner)
      await run(blocksUnder(heading), target)
      await verify(t, target)
    })
  }

  await t.test('## Data only', async t => {
    const target = await createDatabase('data_only')
    await run(blocksUnder('## Data only'), target)
    await query(target, scriptGrants('telco', ROLES))
    const ofRestore = 'select count(*)::integer from telco.loads where xid is not null'
    t.strictSame(await query(target, ofRestore), [{ count: 0 }], 'no load seems to be written by the transaction of the restore')
    await verify(t, target)
  })

  await t.test('partitioned numbers, as a whole and as data', async t => {
    await query(source, PARTITION_NUMBERS.replaceAll(':"schema"', 'telco'))
    for (const [heading, name] of [['## Everything', 'partitions'], ['## Data only', 'partitions_data']] as const) {
      const target = await createDatabase(name)
      await run(blocksUnder(heading), target)
      t.equal((await query<{ count: number }>(target, 'select count(*)::integer from telco.numbers'))[0]?.count, 10_003)
      await t.resolves(run(CHECK, target))
    }
  })
})
