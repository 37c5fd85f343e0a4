import { readFile } from 'node:fs/promises'
import t from 'tap'
import { run } from '../support/command-line.js'

t.test('a wrong command line is refused with the right usage', async t => {
  for (const [words, message] of [
    [['constructor'], 'unknown command constructor; --help lists the commands'],
    [['person', 'nothing'], 'unknown command person nothing; --help lists the commands'],
    [['undo'], 'usage: fastify-telco-numbers undo <load or change> [--with <ids>] [--dry-run]'],
    [['undo', '1', '2'], 'usage: fastify-telco-numbers undo <load or change> [--with <ids>] [--dry-run]'],
    [['undo', '--dryrun', '1'], 'unknown option --dryrun, did you mean --dry-run?; fastify-telco-numbers undo --help lists the options'],
    [['create', '--custmer=3'], 'unknown option --custmer, did you mean --customer?; '],
    [['undo', '--force', '1'], 'unknown option --force; fastify-telco-numbers undo --help lists the options'],
    [['undo', '--constructor', '1'], 'unknown option --constructor; '],
    [['undo', '-f=secret', '1'], 'unknown option -f; '],
    [['loads', '--limit', '1', '--limit', '2'], '--limit is given more than once; fastify-telco-numbers loads --help lists the options'],
    [['quote', '--start', '1', '--class', '', '--ingroup', '1'], 'missing --class, --customer; '],
    [['create', '--validation=1'], '--validation takes no value; '],
    [['loads', '--limit'], '--limit needs a value; '],
    [['quote', '--start', '--end', '5'], '--start needs --start=<value> for a value with a leading hyphen; '],
    [['person', 'list', '--limit', '1'], 'fastify-telco-numbers person list --help']
  ] as const) {
    const { status, out, err } = await run([...words], {})
    t.match([status, out, err], [2, '', message], words.join(' '))
  }
  t.match(await run(['serve', '--json'], {}), { status: 2, err: 'unknown option --json; ' })
  t.match(JSON.parse((await run(['undo', '--json'], {})).out), { error: { code: 'TELCO_NUMBERS_USAGE', message: /^usage: / } })
})

t.test('a value keeps its underscores and may contain letters', async t => {
  t.match(await run(['quote', '--start=a_b', '--class=1', '--ingroup=1', '--customer=1'], { DATABASE_URL: 'x' }), {
    status: 1, err: 'DATABASE_URL'
  })
})

t.test('the version is that of the package', async t => {
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
  t.strictSame(await run(['--version'], {}), { status: 0, out: manifest.version, err: '' })
})

t.test('the program, each command and each group of commands have a help text', async t => {
  for (const words of [[], ['--help'], ['-h']]) t.match(await run(words, {}), { status: 0, out: 'Usage: fastify-telco-numbers <command>' })
  for (const words of [['person'], ['person', '--help'], ['person', '-h']]) {
    const { status, out } = await run(words, {})
    t.match([status, out], [0, /^Usage: fastify-telco-numbers person <command>[^]*person add/])
    t.notMatch(out, /^ {2}loads/m)
  }
  const listed = (await run(['--help'], {})).out.matchAll(/^ {2}(\w+(?: \w+)?) {2}/gm)
  const names = [...listed].map(([, name = '']) => name)
  t.ok(names.length > 20)
  for (const name of names) {
    const { status, out } = await run([...name.split(' '), '--help'], {})
    t.match([status, out], [0, `Usage: fastify-telco-numbers ${name}`])
    t.match(out, '--help\n      Print this help.')
    t.equal(out.includes('--json'), name !== 'serve' && name !== 'sql')
  }
  t.match((await run(['create', '-h'], {})).out, /--start <value> \(required\)\n {6}First number to add[^]*--charge-customer\n {6}Charge/)
})
