import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../support/root.js'

const RUN = join(ROOT, 'torture', 'run.ts')

const ARGUMENTS = '--scenario crashes --scenario races --seed 20 --minutes 0.8 --rounds 18 --max-count 30000'

// The fuzzing has its own test. A busy machine runs fewer rounds, at least one per scenario, and may take long for one round.
t.setTimeout(400_000)

t.test('a short run of npm run torture finds no violations', async t => {
  const run = fork(RUN, ARGUMENTS.split(' '), { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  let output = ''
  run.stdout?.setEncoding('utf8').on('data', (text: string) => { output += text })
  const [code] = await once(run, 'close') as [number | null]
  t.equal(code, 0, 'exit code')
  for (const line of output.split('\n')) t.comment(line)
  t.match(output, /^\| crashes +\| +[1-9][0-9]* \| +[1-9][0-9]* \| +[1-9][0-9]* \| +0 \|$/m)
  t.match(output, /^\| races +\| +[1-9][0-9]* \| +0 \| +[1-9][0-9]* \| +0 \|$/m)
})
