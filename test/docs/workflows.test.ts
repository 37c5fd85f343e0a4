import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { subset } from 'semver'
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

const Locked = Type.Object({
  optional: Type.Optional(Type.Boolean()),
  // Old packages have a list.
  engines: Type.Optional(Type.Union([Type.Object({ node: Type.Optional(Type.String()) }), Type.Array(Type.String())]))
})

type Locked = Static<typeof Locked>

const Lock = Type.Object({ packages: Type.Record(Type.String(), Locked) })

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

t.test('CI runs every version of Node.js that the documentation names and engines promises', async t => {
  const { jobs: { test } } = readWorkflow(t, 'ci.yml')
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
  t.strictSame(engines.node.match(/\d+(?=\.\d+\.\d+)/g)?.map(Number), test?.strategy?.matrix.node)
  for (const [page, heading] of [
    ['README.md', '## Start'], ['CONTRIBUTING.md', '## Development'], ['docs/host.md', '## Versions of Node.js']
  ] as const) {
    const [, first, second, third] = /Node\.js (\S+), (\S+), or (\S+) or later/.exec(sectionOf(heading, page).prose) ?? []
    t.equal(`^${first}.0 || ^${second}.0 || >=${third}.0.0`, engines.node, page)
  }
})

t.test('every locked package runs on every version of Node.js that engines promises, so that npm ci --engine-strict passes', async t => {
  const { packages } = Value.Parse(Lock, JSON.parse(readFileSync('package-lock.json', 'utf8')))
  const versionsOf = (engines: Locked['engines']) => engines === undefined || Array.isArray(engines) ? '*' : engines.node ?? '*'
  const promised = versionsOf(packages['']?.engines)
  t.not(promised, '*')
  t.strictSame(Object.entries(packages).filter(([, { optional, engines }]) => (
    optional !== true && !subset(promised, versionsOf(engines)))), [])
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
