import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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

t.test('the workflows run the commands of CONTRIBUTING.md', async t => {
  const commands = ['## Development', '## Release'].flatMap(heading => commandsOf(sectionOf(heading, 'CONTRIBUTING.md')))
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

t.test('publishing sets the repository, without which npm refuses provenance', async t => {
  const commands = readWorkflow(t, 'publish.yml').jobs.publish?.steps.map(({ run }) => run ?? '') ?? []
  const index = commands.findIndex(command => command.startsWith('npm pkg set repository'))
  t.equal(commands.indexOf('npm publish'), index + 1)

  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, unknown>
  t.match(manifest, { publishConfig: { provenance: true } })
  t.notOk('repository' in manifest, 'nothing to keep up to date by hand')
  const folder = t.testdir({ 'package.json': JSON.stringify(manifest) })
  const { PATH, HOME } = process.env
  execFileSync('sh', ['-e', '-c', commands[index] ?? ''], {
    cwd: folder, env: { PATH, HOME, GITHUB_SERVER_URL: 'https://github.example', GITHUB_REPOSITORY: 'owner/name' }
  })
  t.strictSame(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), {
    ...manifest, repository: { type: 'git', url: 'git+https://github.example/owner/name.git' }
  })
})
