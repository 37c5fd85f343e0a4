import { readdirSync, readFileSync } from 'node:fs'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import t, { type Test } from 'tap'
import { parseDocument } from 'yaml'
import { commandsOf, sectionOf } from '../support/readme.js'

const FOLDER = '.github/workflows'

const Step = Type.Object({
  uses: Type.Optional(Type.String({ pattern: '^actions/[a-z-]+@v[0-9]+$' })),
  run: Type.Optional(Type.String())
})

const Workflow = Type.Object({
  name: Type.String(),
  on: Type.Object({}),
  permissions: Type.Object({ contents: Type.Literal('read') }),
  jobs: Type.Record(Type.String(), Type.Object({
    'runs-on': Type.String(),
    'timeout-minutes': Type.Integer(),
    strategy: Type.Optional(Type.Object({ matrix: Type.Object({ node: Type.Array(Type.Integer()) }) })),
    steps: Type.Array(Step)
  }))
})

function readWorkflow (t: Test, name: string): Static<typeof Workflow> {
  const document = parseDocument(readFileSync(`${FOLDER}/${name}`, 'utf8'), { strict: true })
  t.strictSame([...document.errors, ...document.warnings], [], name)
  return Value.Parse(Workflow, document.toJS())
}

t.test('CI runs commands of the documentation only', async t => {
  const commands = commandsOf(sectionOf('## Development'))
  for (const name of readdirSync(FOLDER)) {
    for (const [job, { steps }] of Object.entries(readWorkflow(t, name).jobs)) {
      for (const { run } of steps) {
        if (run?.startsWith('npm ') === true) t.ok(commands.includes(run), `${name}, ${job}: ${run}`)
      }
    }
  }
})

t.test('CI runs every supported version of Node.js', async t => {
  const { jobs: { test } } = readWorkflow(t, 'ci.yml')
  t.strictSame(test?.strategy?.matrix.node, [20, 22, 24])
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
  t.match(sectionOf('## Start').prose, 'Node.js 20.19')
  t.match(engines.node, /^\^20\.19\.0 \|\| >=22/)
})
