import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../../support/root.js'

const RUN = join(ROOT, 'torture', 'run.ts')

const SCENARIOS = ['crossing', 'stop', 'slow-clients', 'first-start']

// Two rounds, because crossing has one on each kind of table; a busy machine runs at least one.
const ARGUMENTS = ['--seed', '21', '--minutes', '0.8', '--rounds', '2', '--max-count', '20000']

t.setTimeout(400_000)

t.test('crossing aliases, stops under load, slow clients and killed first starts cause no violations', async t => {
  const run = fork(RUN, [...ARGUMENTS, ...SCENARIOS.flatMap(name => ['--scenario', name])], {
    execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  let output = ''
  run.stdout?.setEncoding('utf8').on('data', (text: string) => { output += text })
  const [code] = await once(run, 'close') as [number | null]
  t.equal(code, 0, 'exit code')
  for (const line of output.split('\n')) t.comment(line)
  for (const name of SCENARIOS) t.match(output, new RegExp(`^\\| ${name} +\\| +[1-9][0-9]* \\| +[0-9]+ \\| +[1-9][0-9]* \\| +0 \\|$`, 'm'))
})
