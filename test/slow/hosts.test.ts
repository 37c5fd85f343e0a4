import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { DATABASE_URL, demoSchema } from '../support/host.js'
import { installedHost, runIn, shellIn } from '../support/packed.js'
import { sectionOf } from '../support/readme.js'

// One installation for all of them: from the cache of npm if it is warm, else from the registry.
t.setTimeout(900_000)
const host = await installedHost(t,
  'fastify', 'pg', '@types/pg@8.11.10', '@types/node@20', '@fastify/type-provider-typebox@5', 'old@npm:typescript@~5.4',
  'new@npm:typescript@latest', '@nestjs/common@11', '@nestjs/core@11', '@nestjs/platform-fastify@11', 'reflect-metadata', 'rxjs',
  'jest@30', 'vitest@4', '@babel/plugin-transform-modules-commonjs@7', 'sentry-10@npm:@sentry/node@10', 'sentry-11@npm:@sentry/node@11',
  '@opentelemetry/sdk-trace-node', '@opentelemetry/instrumentation', '@opentelemetry/instrumentation-http')
const manifest = JSON.parse(await readFile(join(host, 'package.json'), 'utf8')) as object

/** Returns the blocks of a section of docs/host.md in a language. */
function blocksOf (heading: string, ofLanguage: string): string[] {
  return sectionOf(heading, 'docs/host.md').blocks.filter(({ language }) => language === ofLanguage).map(({ text }) => text)
}

const TYPED_HOST = `
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify from 'fastify'
import pg from 'pg'
import { pino } from 'pino'
import telcoNumbers, { InvalidParametersError, migrate, redactCredentials, type Authenticate, type Authorize } from 'fastify-telco-numbers'

const pool = new pg.Pool()
const authenticate: Authenticate = () => ({ username: 'ann', privileges: ['system'] })
const authorize: Authorize = (_person, { parameters }) => parameters['customer'] === 3

export async function start (): Promise<void> {
  const app = fastify({ logger: true })
  await migrate(pool, 'telco')
  await app.register(telcoNumbers, { pool, authenticate, authorize, openapi: { tags: ['numbers'] } })
  const secure = fastify({ http2: true })
  await secure.register(telcoNumbers, { pool })
  await secure.telcoNumbers.listLoads()
  const typed = fastify().withTypeProvider<TypeBoxTypeProvider>()
  await typed.register(telcoNumbers, { pool })
  await typed.telcoNumbers.listLoads()
  const logging = fastify({ loggerInstance: pino() })
  await logging.register(telcoNumbers, { pool })
  await logging.telcoNumbers.listLoads()
  try {
    const { id } = await app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1 })
    app.log.info(redactCredentials({ id }).id)
  } catch (error) {
    if (error instanceof InvalidParametersError) app.log.info(\`\${error.code} \${error.issues.length} \${error.statusCode}\`)
  }
}
`

/**
 * Checks the types of a host in one process, which costs much less than one for each combination. The first combination checks
 * all declarations, the others those of the package.
 */
const OLD_COMPILER = `
const { writeFileSync } = require('node:fs')
const ts = require('old')
const [combinations, manifest, compilerOptions] = JSON.parse(process.argv[2])
for (const [index, [module, moduleResolution, type]] of combinations.entries()) {
  writeFileSync('package.json', JSON.stringify({ ...manifest, type }))
  const { options } = ts.convertCompilerOptionsFromJson({ ...compilerOptions, module, moduleResolution }, process.cwd())
  const program = ts.createProgram(['host.ts'], options)
  const files = program.getSourceFiles().filter(({ fileName }) => /host.ts$|fastify-telco-numbers.dist/.test(fileName))
  const diagnostics = index === 0 ? ts.getPreEmitDiagnostics(program) : [
    ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...files.flatMap(file => program.getSemanticDiagnostics(file))
  ]
  if (files.length < 10) console.log('too few files', files.length)
  for (const { file, messageText } of diagnostics) {
    // The types of pg-protocol themselves need TypeScript 5.7.
    if (file?.fileName.includes('node_modules/pg-protocol/')) continue
    console.log(module, moduleResolution, type, file?.fileName, ts.flattenDiagnosticMessageText(messageText, ' '))
  }
}`

t.test('types a host in every resolution, module format and version of TypeScript that can import it', async t => {
  const options = {
    target: 'es2022', lib: ['es2023'], types: ['node'], strict: true, skipLibCheck: false, noEmit: true, esModuleInterop: true
  }
  await writeFile(join(host, 'host.ts'), TYPED_HOST)
  await writeFile(join(host, 'old.cjs'), OLD_COMPILER)
  t.equal(await runIn(host, ['old.cjs', JSON.stringify([[
    ['nodenext', 'nodenext', 'module'], ['node16', 'node16', 'module'], ['esnext', 'bundler', 'module'], ['preserve', 'bundler', 'commonjs']
  ], manifest, options])]), '')
  for (const [module, moduleResolution, type] of [
    ['nodenext', 'nodenext', 'module'], ['nodenext', 'nodenext', 'commonjs'], ['node16', 'node16', 'module'],
    ['esnext', 'bundler', 'module'], ['preserve', 'bundler', 'commonjs']
  ] as const) {
    await writeFile(join(host, 'package.json'), JSON.stringify({ ...manifest, type }))
    const compilerOptions = { ...options, module, moduleResolution }
    await writeFile(join(host, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['host.ts'] }))
    t.equal(await runIn(host, ['node_modules/new/bin/tsc']), '', `${module} ${moduleResolution} ${type}`)
  }
  await writeFile(join(host, 'package.json'), JSON.stringify(manifest))
})

/** A host that is called in each way that carries credentials, and that itself logs and reports URLs. */
const REPORTING_HOST = `
import { request } from 'node:http'
import fastify from 'fastify'
import telcoNumbers from 'fastify-telco-numbers'

const { DATABASE_URL, SCHEMA, START } = process.env
const app = fastify()
app.addHook('onResponse', async ({ url }) => {
  console.log('replied to', url)
  globalThis.report?.(new Error('a fault of the host at ' + url))
})
await app.register(telcoNumbers, {
  connectionString: DATABASE_URL, schema: SCHEMA,
  authenticate: (_request, { auth_password }) => auth_password === 'S3CRET' ? { username: 'ann', privileges: ['system'] } : null
})
const origin = await app.listen({ port: 0 })
const call = (method, target, type, body) => new Promise((resolve, reject) => {
  const headers = { referer: origin + target, ...type && { 'content-type': type } }
  request(origin + target, { method, headers }, reply => {
    reply.resume().on('end', () => resolve(reply.statusCode))
  }).on('error', reject).end(body)
})
const PATH = '/api/json/numbers/system/create'
const codes = []
let number = Number(START)
const parameters = () => ['auth_username=ann', 'auth_password=S3CRET', 'start=' + number++, 'class=1', 'ingroup=1']
for (const separator of ['&', ';']) {
  codes.push(
    await call('GET', PATH + '?' + parameters().join(separator)),
    await call('GET', PATH + ';' + parameters().join(separator)),
    await call('GET', PATH + '?' + parameters().join(separator).replace('password', 'pasword')),
    await call('POST', PATH, 'application/x-www-form-urlencoded', parameters().join(separator)))
}
const json = { auth_username: 'ann', auth_password: 'S3CRET', start: String(number), class: 1, ingroup: 1 }
codes.push(await call('POST', PATH, 'application/json', JSON.stringify(json)))
await app.close()
await globalThis.flush()
process.stderr.write(JSON.stringify({ codes, sent: globalThis.sent }))
process.exit()
`

t.test('makes error collectors and tracers send no password in a host that has the documented line', async t => {
  const { schema } = await demoSchema(t)
  await writeFile(join(host, 'reporting.mjs'), REPORTING_HOST)
  const [sentry = ''] = blocksOf('## Error collectors and tracing', 'js')
  const [tracing = ''] = blocksOf('## Error collectors and tracing', 'ts')
  const line = 'Sentry.getClient().on(\'beforeEnvelope\', redactCredentials)'
  t.match(sentry, line)
  const documented = (version: string) => `${sentry.replace('@sentry/node', `sentry-${version}`).replace('dsn:', `
    sendDefaultPii: true, enableLogs: true,
    transport: options => Sentry.createTransport(options, async ({ body }) => {
      globalThis.sent.push(Buffer.from(body).toString())
      return { statusCode: 200 }
    }), dsn:`)}
    Object.assign(globalThis, { sent: [], report: error => Sentry.captureException(error), flush: () => Sentry.flush(5_000) })`
  const opentelemetry = `${tracing}
    import { registerInstrumentations } from '@opentelemetry/instrumentation'
    import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
    import { createRequire } from 'node:module'
    registerInstrumentations({ instrumentations: [new HttpInstrumentation()], tracerProvider: provider })
    createRequire(import.meta.url)('http')
    globalThis.sent = []
    console.dir = value => globalThis.sent.push(JSON.stringify(value))
    console.log = () => {}
    globalThis.flush = () => provider.forceFlush()`
  for (const [index, [name, source, leaks]] of ([
    ['Sentry 10', documented('10'), false], ['Sentry 11', documented('11'), false], ['OpenTelemetry', opentelemetry, false],
    ['Sentry 11 without the line', documented('11').replace(line, ''), true]
  ] as const).entries()) {
    await writeFile(join(host, 'instrument.mjs'), source)
    const output = await runIn(host, ['--import', './instrument.mjs', 'reporting.mjs'], {
      DATABASE_URL, SCHEMA: schema, START: String(100 * (index + 1))
    })
    const { codes, sent } = JSON.parse(/\{"codes".*$/s.exec(output)?.[0] ?? '') as { codes: number[], sent: string[] }
    t.strictSame(codes, [200, 404, 401, 200, 200, 404, 401, 200, 200], name)
    t.match(sent.join(), 'numbers/system/create', name)
    t.equal(sent.some(text => text.includes('S3CRET')), leaks, name)
    if (name.startsWith('Sentry')) t.match(sent.join(), /a fault of the host.*"type":"(?:transaction|span)"/s, name)
  }
})

/** The body of a test that loads a number. */
const LOADS = (start: string) => `
  const app = fastify()
  await app.register(telcoNumbers, { connectionString: process.env.DATABASE_URL, schema: process.env.SCHEMA })
  expect(await app.telcoNumbers.create({ start: '${start}', class: 1, ingroup: 1 })).toMatchObject({ count: 1 })
  await app.close()`

t.test('is tested by Jest and Vitest, from ES modules and from CommonJS, as documented', async t => {
  const { schema } = await demoSchema(t)
  const environment = { DATABASE_URL, SCHEMA: schema, CI: 'true' }
  const [vitest = '', jest = ''] = blocksOf('### Jest and Vitest', 'sh')
  const [configuration = ''] = blocksOf('### Jest and Vitest', 'json')
  const imports = 'import fastify from \'fastify\'\nimport telcoNumbers from \'fastify-telco-numbers\'\n'
  const requires = 'const fastify = require(\'fastify\')\nconst { default: telcoNumbers } = require(\'fastify-telco-numbers\')\n'
  await writeFile(join(host, 'required.cjs'), `${requires}\nmodule.exports = { fastify, telcoNumbers }`)
  await writeFile(join(host, 'vitest.test.mjs'), `${imports}
    import { createRequire } from 'node:module'
    import { expect, test } from 'vitest'
    test('imports', async () => {${LOADS('1')}})
    test('requires', async () => {
      const { fastify, telcoNumbers } = createRequire(import.meta.url)('./required.cjs')${LOADS('2')}
    })`)
  t.match(await shellIn(host, `${vitest} vitest.test.mjs`, environment), /Tests\W.*2 passed/)

  await writeFile(join(host, 'module.test.mjs'), `${imports}\ntest('imports', async () => {${LOADS('3')}})`)
  await writeFile(join(host, 'imports.test.js'), `const fastify = require('fastify')\ntest('imports', async () => {
    const { default: telcoNumbers } = await import('fastify-telco-numbers')${LOADS('4')}})`)
  t.match(await shellIn(host, `${jest} module.test.mjs imports.test.js`, environment), /Tests: +2 passed, 2 total/)
  await writeFile(join(host, 'requires.test.js'), `${requires}\ntest('requires', async () => {${LOADS('5')}})`)
  await writeFile(join(host, 'jest.config.json'), configuration)
  t.match(await shellIn(host, 'npx jest requires.test.js', environment), /Tests: +1 passed, 1 total/)
})

t.test('can be registered in NestJS 11 after the documented command has left only one Fastify', async t => {
  const { schema } = await demoSchema(t)
  const [command = ''] = blocksOf('## NestJS', 'sh')
  const [source = ''] = blocksOf('## NestJS', 'typescript')
  await shellIn(host, command)
  const registered = source.replace(/'postgres:[^']*'/, 'process.env.DATABASE_URL, schema: process.env.SCHEMA')
  t.not(registered, source)
  await writeFile(join(host, 'nest.mts'), `${registered.replace('listen(3000)', 'init()')}
    console.log(await app.getHttpAdapter().getInstance().telcoNumbers.listLoads())
    console.log((await app.inject('/api/json/numbers/system/create?auth_username=user;auth_password=password')).statusCode)
    await app.close()`)
  await writeFile(join(host, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      target: 'es2022', module: 'nodenext', types: ['node'], strict: true, skipLibCheck: true,
      experimentalDecorators: true, emitDecoratorMetadata: true
    },
    files: ['nest.mts']
  }))
  t.equal(await runIn(host, ['node_modules/new/bin/tsc']), '')
  t.match(await runIn(host, ['nest.mjs'], { DATABASE_URL, SCHEMA: schema, NO_COLOR: '1' }), /^\[\]\n400$/m)
})
