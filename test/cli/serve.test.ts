import t from 'tap'
import { testTerminal } from '../support/command-line.js'

t.test('serve starts the stand-alone server and prints nothing itself', async t => {
  const urlOf = (file: string): string => String(new URL(`../../lib/${file}`, import.meta.url))
  const { runCommandLine } = await t.mockImport<typeof import('../../lib/cli/run.js')>(urlOf('cli/run.js'), { [urlOf('server/main.js')]: {} })
  const terminal = testTerminal()
  t.equal(await runCommandLine(['serve'], {}, terminal), 0)
  t.equal(terminal.out() + terminal.err(), '')
})
