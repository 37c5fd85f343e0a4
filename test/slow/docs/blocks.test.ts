import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fastify from 'fastify'
import t from 'tap'
import ts from 'typescript'
import telcoNumbers from '../../../lib/index.js'
import { migrate } from '../../../lib/migrate.js'
import { hashPassword } from '../../../lib/people/passwords.js'
import { call, demoHost, emptySchema } from '../../support/host.js'
import { partitionScript } from '../../support/partition-script.js'
import { blocksOf } from '../../support/readme.js'
import { ROOT } from '../../support/root.js'

const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]

/** Declares the names that a fragment without imports uses from the host around it. */
const HOST = `import 'fastify-telco-numbers'
declare const app: import('fastify').FastifyInstance
`

/** Returns the TypeScript blocks of all pages by the names of the files that they are checked as. */
function typeScriptFiles (): Map<string, string> {
  return new Map(PAGES.flatMap(page => blocksOf(page).filter(({ language }) => language === 'ts').map(({ text }, index) => {
    const source = /^import /m.test(text) ? text : HOST + text
    // A block without await at the top level compiles to CommonJS as well.
    const extension = /^(?:const .* = )?await /m.test(text) ? 'mts' : 'cts'
    return [join(ROOT, `${page.replaceAll(/\W/g, '-')}-${index + 1}.${extension}`), source] as const
  })))
}

/** Checks the types of files that exist in memory only, in one program. */
function typeErrorsOf (files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', name => ts.sys.readFile(name)) as { config: { compilerOptions: object } }
  const { options } = ts.convertCompilerOptionsFromJson({
    // A fragment declares names that only its reader uses, and CommonJS has no verbatim module syntax.
    ...config.compilerOptions, incremental: false, tsBuildInfoFile: undefined, noUnusedLocals: false, verbatimModuleSyntax: false
  }, ROOT)
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram([...files.keys()], options, {
    ...host,
    fileExists: name => files.has(name) || host.fileExists(name),
    readFile: name => files.get(name) ?? host.readFile(name),
    getSourceFile: (name, version, ...more) => {
      const text = files.get(name)
      return text === undefined ? host.getSourceFile(name, version, ...more) : ts.createSourceFile(name, text, version)
    }
  })
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => (
    `${file?.fileName ?? ''}:${file?.getLineAndCharacterOfPosition(start).line ?? 0} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`))
}

t.test('every TypeScript block has correct types', async t => {
  const files = typeScriptFiles()
  t.ok(files.size >= 8)
  t.ok([...files.keys()].some(name => name.endsWith('.cts')), 'also as CommonJS')
  // The only error, which proves that the blocks were checked.
  files.set(join(ROOT, 'wrong.mts'), `${HOST}await app.telcoNumbers.create({ start: 1 })`)
  const errors = typeErrorsOf(files)
  t.equal(errors.length, 1, errors.join('\n'))
  t.match(errors[0], /wrong\.mts:2 /)
})

t.test('every JavaScript and JSON block can be parsed', async t => {
  for (const page of PAGES) {
    for (const { language, text } of blocksOf(page)) {
      if (language === 'json') t.doesNotThrow(() => JSON.parse(text) as unknown, `${page}: ${text}`)
      if (language !== 'js') continue
      const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { allowJs: true } })
      t.strictSame(diagnostics?.map(({ messageText }) => messageText), [], `${page}: ${text}`)
    }
  }
})

/** Returns the SQL blocks of a page, with other schemas than those of the page. */
function sqlOf (page: string, schemas: Readonly<Record<string, string>>): string[] {
  return blocksOf(page).filter(({ language }) => language === 'sql').map(({ text }) => (
    text.replaceAll(/\b(telco|crm)\b(?=[.;])/g, name => schemas[name] ?? name)))
}

t.test('every SQL block is in a page whose blocks are run below; test/records runs those of host', async t => {
  const pages = PAGES.filter(page => blocksOf(page).some(({ language }) => language === 'sql'))
  t.strictSame(pages.sort(), ['docs/host.md', 'docs/operations.md', 'docs/own-tables.md', 'docs/scale.md'])
})

t.test('the SQL of operations runs, and its rows can be charged', async t => {
  const { app, pool, schema } = await demoHost(t)
  await call(app, { start: '2125550000', end: '2125550099', class: 1, ingroup: 2 })
  const [insert = '', identifiers = '', ...everyday] = sqlOf('docs/operations.md', { telco: schema })
  await pool.query(insert)
  const { rows: [found] } = await pool.query<{ customer: number, class: number, ingroup: number }>(identifiers)
  if (found === undefined) throw new Error('the block found no identifiers')
  t.match(await app.telcoNumbers.create({ start: '1', ...found, charge_customer: true }), {
    charges: [{ customer: found.customer, unitPrice: '1.50' }]
  })

  const results: unknown[] = []
  for (const text of everyday) {
    const { command, rowCount } = await pool.query(text)
    results.push([command, rowCount, / (?:from|update) \w+\.(\w+)/.exec(` ${text}`)?.[1]])
  }
  t.strictSame(results, [
    ['SELECT', 100, 'numbers'], ['UPDATE', 100, 'numbers'], ['DELETE', 100, 'numbers'], ['SELECT', 1, 'numbers'],
    ['SELECT', 0, 'transactions'], ['UPDATE', 1, 'customers'], ['UPDATE', 1, 'plan_classes'], ['UPDATE', 1, 'classes'],
    ['UPDATE', 1, 'people'], ['DELETE', 0, 'login_failures']
  ])
})

t.test('the SQL of scale measures the numbers, with and without partitions', async t => {
  const { app, pool, schema } = await demoHost(t)
  await call(app, { start: '2125550000', end: '2125559999', class: 1, ingroup: 2, alias: '12125550000' })
  const [measure = ''] = sqlOf('docs/scale.md', { telco: schema })
  const expectBytes = async (least: number, most: number): Promise<void> => {
    const { rows: [row] } = await pool.query<{ row_bytes: string, index_bytes: string }>(measure)
    t.ok(Number(row?.row_bytes) > least && Number(row?.row_bytes) < most, `${row?.row_bytes} bytes a row`)
    t.ok(Number(row?.index_bytes) > 50, `${row?.index_bytes} bytes of indexes a row`)
  }
  await expectBytes(50, 110)
  await pool.query(await partitionScript(schema))
  await expectBytes(110, 200)
})

t.test('the SQL of own tables replaces all tables of a host', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  const crm = `${schema}_crm`
  t.teardown(() => pool.query(`set client_min_messages = warning; drop schema if exists ${crm} cascade`))
  await migrate(pool, schema)
  for (const text of sqlOf('docs/own-tables.md', { telco: schema, crm })) await pool.query(text)
  await sql(`
    insert into ${crm}.accounts (account_id, title, reseller, tariff) values (1, 'Operator', null, null), (7, 'Customer', 1, 1);
    insert into ${crm}.number_types values (5, 'Local');
    insert into ${crm}.areas values (6, 'Berlin');
    insert into ${crm}.sites values (8, 'Europe');
    insert into plans (id, name, currency) values (1, 'Retail', 'EUR');
    insert into plan_classes (plan, class, signup, fee) values (1, 5, 0.25, 0)`)
  await sql(`insert into ${crm}.logins values ('user', $1, true)`, [await hashPassword('password')])

  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool, schema })
  t.match(await call(app, { start: '100', end: '199', class: 5, ingroup: 6, customer: 7, region: 8, charge_customer: 1 }), {
    data: { count: 100 }
  })
  t.strictSame(await sql(`select credit from ${crm}.accounts where account_id = 7`), [{ credit: '-25.00' }])
  for (const table of ['accounts', 'number_types', 'areas', 'sites']) {
    await t.rejects(sql(`delete from ${crm}.${table}`), { code: '23503' }, table)
  }
})
