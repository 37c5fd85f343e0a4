import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Format } from 'esbuild'
import t, { type Test } from 'tap'
import { DATABASE_URL, demoSchema } from '../support/host.js'
import { ROOT } from '../support/root.js'

t.setTimeout(600_000)

const run = promisify(execFile)
const ENVIRONMENT = { ...process.env, NODE_OPTIONS: '' }

/** Creates a host that installs the packed package and others with npm. */
async function installedHost (t: Test, ...packages: string[]): Promise<string> {
  const host = await mkdtemp(join(tmpdir(), 'fastify-telco-numbers-host-'))
  t.teardown(() => rm(host, { recursive: true }))
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', host], { cwd: ROOT, env: ENVIRONMENT })
  const [packed] = JSON.parse(stdout) as Array<{ readonly filename: string }>
  await writeFile(join(host, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${packed?.filename ?? ''}`, 'fastify', ...packages], {
    cwd: host, env: ENVIRONMENT
  })
  return host
}

const TYPED_HOST = `
import fastify from 'fastify'
import pg from 'pg'
import telcoNumbers, { InvalidParametersError, migrate, type Authenticate, type Authorize } from 'fastify-telco-numbers'

const pool = new pg.Pool()
const authenticate: Authenticate = () => ({ username: 'ann', privileges: ['system'] })
const authorize: Authorize = (_person, { parameters }) => parameters['customer'] === 3

export async function start (): Promise<void> {
  const app = fastify({ logger: true })
  await migrate(pool, 'telco')
  await app.register(telcoNumbers, { pool, authenticate, authorize, openapi: { tags: ['numbers'] } })
  const secure = fastify({ http2: true })
  await secure.register(telcoNumbers, { pool })
  try {
    const { id } = await app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1 })
    app.log.info(id)
  } catch (error) {
    if (error instanceof InvalidParametersError) app.log.info(\`\${error.code} \${error.issues.length} \${error.statusCode}\`)
  }
}
`

t.test('types a host in every resolution, module format and version of TypeScript that can import it', async t => {
  const host = await installedHost(t, 'pg', '@types/pg@8.11.10', '@types/node@20', 'old@npm:typescript@~5.4', 'new@npm:typescript@latest')
  await writeFile(join(host, 'host.ts'), TYPED_HOST)
  for (const [compiler, module, moduleResolution, type] of [
    ['old', 'nodenext', 'nodenext', 'module'], ['old', 'node16', 'node16', 'module'], ['old', 'esnext', 'bundler', 'module'],
    ['old', 'preserve', 'bundler', 'commonjs'],
    ['new', 'nodenext', 'nodenext', 'module'], ['new', 'nodenext', 'nodenext', 'commonjs'], ['new', 'node16', 'node16', 'module'],
    ['new', 'esnext', 'bundler', 'module'], ['new', 'preserve', 'bundler', 'commonjs']
  ] as const) {
    await writeFile(join(host, 'package.json'), JSON.stringify({ private: true, type }))
    await writeFile(join(host, 'tsconfig.json'), JSON.stringify({
      compilerOptions: {
        target: 'es2022', lib: ['es2023'], types: ['node'], module, moduleResolution, strict: true, skipLibCheck: false, noEmit: true,
        esModuleInterop: true
      },
      files: ['host.ts']
    }))
    const compiled = await run(process.execPath, [`node_modules/${compiler}/bin/tsc`], { cwd: host, env: ENVIRONMENT }).then(
      () => '', (error: unknown) => error instanceof Object && 'stdout' in error ? String(error.stdout) : String(error))
    // The types of pg-protocol themselves need TypeScript 5.7.
    const errors = compiled.split('\n').filter(line => line !== '' && !(compiler === 'old' && line.startsWith('node_modules/pg-protocol/')))
    t.strictSame(errors, [], `${compiler} ${module} ${moduleResolution} ${type}`)
  }
})

const BUNDLED_HOST = `
import fastify from 'fastify'
import telcoNumbers from 'fastify-telco-numbers'

async function start () {
  const app = fastify()
  await app.register(telcoNumbers, { connectionString: process.env.DATABASE_URL, schema: process.env.SCHEMA })
  const url = '/api/json/numbers/system/create?auth_username=user;auth_password=password;class=1;ingroup=1;start='
  console.log((await app.inject(url + process.env.START)).body)
  await app.close()
}

void start()
`

t.test('runs in a bundle, beside migrations of the host that it must not run', async t => {
  const { schema, sql } = await demoSchema(t)
  await sql('create table hosts (id integer)')
  const host = await installedHost(t)
  await writeFile(join(host, 'host.ts'), BUNDLED_HOST)
  for (const folder of ['lib/migrations', 'lib/sql', 'out/lib/migrations', 'out/lib/sql', 'out/bundle']) {
    await mkdir(join(host, folder), { recursive: true })
    await writeFile(join(host, folder, '001-schema.sql'), `drop table ${schema}.hosts;`)
    await writeFile(join(host, folder, '002-host.sql'), `drop table ${schema}.hosts;`)
  }
  for (const [start, [format, extension]] of ([['esm', 'mjs'], ['cjs', 'cjs']] as ReadonlyArray<readonly [Format, string]>).entries()) {
    const bundle = join(host, 'out', 'bundle', `host.${extension}`)
    await build({
      entryPoints: [join(host, 'host.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format,
      external: ['@node-rs/argon2', 'pg-native'],
      // CommonJS packages in an ES module call require.
      banner: format === 'esm' ? { js: 'import { createRequire } from \'node:module\'; const require = createRequire(import.meta.url)' } : {},
      logLevel: 'error'
    })
    const { stdout } = await run(process.execPath, [bundle], {
      cwd: host, env: { ...ENVIRONMENT, DATABASE_URL, SCHEMA: schema, START: String(start) }
    })
    t.equal(stdout, '{"responses":[{"code":"200","key":"","message":"OK"}],"data":{"count":1}}\n', format)
  }
  t.strictSame(await sql('select from hosts'), [], 'the table of the host exists')
})
