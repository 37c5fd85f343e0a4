import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type TSchema } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { Environment } from '../../../lib/config/configuration.js'
import { SECRETS } from '../../../lib/config/secrets.js'
import { OPTION_SCHEMAS } from '../../../lib/options.js'
import { ROOT } from '../../support/root.js'

const THROTTLE = 'loginThrottle.'

/** The rows of a table by the name in their first cell, each with its cells by their headings. */
type Table = ReadonlyMap<string, Readonly<Record<string, string>>>

/** Returns the tables of a page whose first heading is the given one. */
function tablesOf (page: string, heading: string): Table[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/(?:^\|.*\n)+/gm)].flatMap(([table]) => {
    const [headings = [], , ...rows] = table.trim().split('\n').map(cellsOf)
    if (headings[0] !== heading) return []
    return [new Map(rows.map(cells => [
      withoutQuotes(cells[0]), Object.fromEntries(headings.map((name, index) => [name, cells[index] ?? '']))
    ]))]
  })
}

function cellsOf (row: string): string[] {
  return row.split(/(?<!\\)\|/).slice(1, -1).map(cell => cell.trim())
}

function withoutQuotes (cell = ''): string {
  return cell.replace(/^`(.*)`$/, '$1')
}

/** Compares names and defaults both ways, and the limits where the table has them. */
function compare (t: Test, table: Table | undefined, schemas: ReadonlyMap<string, TSchema>): void {
  t.strictSame([...table?.keys() ?? []].sort(), [...schemas.keys()].sort())
  for (const [name, { default: fallback, minimum, maximum, type }] of schemas) {
    const row = table?.get(name)
    const isValue = /^`[^`]*`$/.test(row?.default ?? '')
    if (fallback === undefined || typeof fallback === 'object') t.notOk(isValue, `${name} has no default value`)
    else t.equal(row?.default, `\`${String(fallback)}\``, name)
    if (type === 'integer' && row?.allowed !== undefined) t.equal(row.allowed, `${String(minimum)} to ${String(maximum)}`, name)
  }
}

const options = new Map([...OPTION_SCHEMAS].filter(([name]) => !name.startsWith(THROTTLE)))
const limits = new Map([...OPTION_SCHEMAS].flatMap(([name, schema]) => (
  name.startsWith(THROTTLE) ? [[name.slice(THROTTLE.length), schema] as const] : [])))

t.test('the tables of the options have the names, defaults and limits of the schemas', async t => {
  for (const page of ['README.md', 'docs/options.md']) compare(t, tablesOf(page, 'option')[0], options)
  compare(t, tablesOf('docs/options.md', 'in `loginThrottle`')[0], limits)
})

t.test('the table of the environment variables has the names and defaults of the schemas', async t => {
  const table = tablesOf('docs/server.md', 'variable').find(rows => rows.has('DATABASE_URL'))
  const secrets = SECRETS.map(name => [name, Type.String()] as const)
  compare(t, table, new Map([...secrets, ...Object.entries<TSchema>(Environment.properties)]))
})

t.test('every option declares its description and its hint', async t => {
  for (const [name, schema] of OPTION_SCHEMAS) {
    t.match(schema, { description: /^[A-Z].*\.$/, hint: /^must be / }, name)
  }
})

/** An editor that has a file of a host open: its language service, and the text of the file. */
function openEditor (text: string) {
  const file = join(ROOT, 'host.ts')
  const { config } = ts.readConfigFile('tsconfig.json', name => ts.sys.readFile(name)) as { config: { compilerOptions: object } }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.')
  const read = (name: string): string | undefined => name === file ? text : ts.sys.readFile(name)
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    readFile: read,
    fileExists: name => name === file || ts.sys.fileExists(name),
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '',
    getScriptSnapshot: name => {
      const content = read(name)
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
    },
    getDefaultLibFileName: ts.getDefaultLibFilePath
  })
  return { service, file }
}

// The published declarations, because a host sees no others.
const HOST = `import type { TelcoNumbersOptions } from './dist/index.js'
export const options: TelcoNumbersOptions = {
  ${[...options.keys()].filter(name => name !== 'loginThrottle').map(name => `${name}: undefined as never`).join(',\n  ')},
  loginThrottle: {
    ${[...limits.keys()].map(name => `${name}: undefined as never`).join(',\n    ')}
  }
}
export const complete: TelcoNumbersOptions = { }
`

t.test('an editor shows the description and the default of every option', async t => {
  const { service, file } = openEditor(HOST)
  t.strictSame(service.getSemanticDiagnostics(file).map(({ messageText }) => messageText), [])
  const completions = service.getCompletionsAtPosition(file, HOST.lastIndexOf('}') - 1, {})
  t.strictSame(completions?.entries.map(({ name }) => name).sort(), [...options.keys()].sort())
  for (const [name, schema] of OPTION_SCHEMAS) {
    const info = service.getQuickInfoAtPosition(file, HOST.indexOf(`${name.replace(THROTTLE, '')}:`))
    t.equal(ts.displayPartsToString(info?.documentation).replaceAll('\n', ' '), schema.description, name)
    const tags = info?.tags?.map(tag => [tag.name, ts.displayPartsToString(tag.text)])
    const fallback: unknown = schema.default
    const shown = typeof fallback === 'string' ? `'${fallback}'` : String(fallback)
    t.strictSame(tags ?? [], fallback === undefined || typeof fallback === 'object' ? [] : [['default', shown]], name)
  }
})
