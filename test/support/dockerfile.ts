import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from './root.js'

interface Instruction {
  readonly name: string
  readonly flags: Readonly<Record<string, string>>
  readonly text: string
}

/** A stage of the image, built in a folder that represents its file system. */
export interface Stage {
  readonly root: string
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string>>
  readonly user: string | undefined
  readonly command: readonly string[]
  readonly healthCheck: readonly string[]
}

export async function readDockerfile (): Promise<Instruction[]> {
  const text = (await readFile(join(ROOT, 'Dockerfile'), 'utf8')).replaceAll(/\\\n\s*/g, '')
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => {
    const [, name = '', flags = '', rest = ''] = /^(\w+) ((?:--\S+ )*)(.*)$/.exec(line) ?? []
    return { name, flags: Object.fromEntries(flags.split(' ').filter(flag => flag !== '').map(flag => pairOf(flag.slice(2)))), text: rest }
  })
}

function pairOf (text: string): [name: string, value: string] {
  const [name = '', value = ''] = text.split('=')
  return [name, value]
}

/** Returns the command without the modules that tap adds to every Node.js program. */
export function withoutTap (words: readonly string[]): [string, ...string[]] {
  return ['env', '-u', 'NODE_OPTIONS', ...words]
}

/** Executes the steps of the Dockerfile, each stage in its own folder, and returns the last stage. */
export async function build (folder: string, environment: NodeJS.ProcessEnv): Promise<Stage> {
  const stages = new Map<string, Stage>()
  let stage: Stage | undefined
  for (const instruction of await readDockerfile()) {
    const { name, text } = instruction
    if (name === 'FROM') {
      const [, alias = 'last'] = text.split(' AS ')
      const root = join(folder, alias)
      await mkdir(root)
      stage = { root, workingDirectory: root, environment: {}, user: undefined, command: [], healthCheck: [] }
      stages.set(alias, stage)
      continue
    }
    if (stage === undefined) throw new Error('a Dockerfile begins with FROM')
    const [[alias] = ['']] = [...stages].filter(([, one]) => one === stage)
    stage = await execute(stage, instruction, stages, environment)
    stages.set(alias, stage)
  }
  if (stage === undefined) throw new Error('the Dockerfile is empty')
  return stage
}

async function execute (
  stage: Stage, { name, flags, text }: Instruction, stages: ReadonlyMap<string, Stage>, environment: NodeJS.ProcessEnv
): Promise<Stage> {
  switch (name) {
    case 'WORKDIR': {
      const workingDirectory = join(stage.root, text)
      await mkdir(workingDirectory, { recursive: true })
      return { ...stage, workingDirectory }
    }
    case 'ENV':
      return { ...stage, environment: { ...stage.environment, ...Object.fromEntries(text.split(' ').map(pairOf)) } }
    case 'COPY':
      await copy(stage, text.split(' '), flags.from === undefined ? undefined : stages.get(flags.from))
      return stage
    case 'RUN': {
      const [program, ...words] = withoutTap(['sh', '-e', '-c', text.replace(/^npm ci .*$/, linkedInstallation)])
      await promisify(execFile)(program, words, {
        cwd: stage.workingDirectory, env: { ...environment, ...stage.environment }, maxBuffer: 2 ** 24
      })
      return stage
    }
    case 'USER':
      return { ...stage, user: text }
    case 'EXPOSE':
      return stage
    case 'CMD':
      return { ...stage, command: JSON.parse(text) as string[] }
    case 'HEALTHCHECK':
      return { ...stage, healthCheck: JSON.parse(text.replace(/^CMD /, '')) as string[] }
    default:
      throw new Error(`this test does not know ${name}`)
  }
}

/**
 * Returns commands that check the files of `npm ci`, and link what it has installed in the repository, in a tenth of the time.
 * The list of what is installed is no link, because npm overwrites it in place. On another file system, npm installs.
 */
function linkedInstallation (command: string): string {
  const list = 'node_modules/.package-lock.json'
  return `${command} --dry-run
    if cp -al '${join(ROOT, 'node_modules')}' . 2>/dev/null; then rm ${list}; cp '${join(ROOT, list)}' ${list}; else ${command}; fi`
}

async function copy (stage: Stage, words: readonly string[], from: Stage | undefined): Promise<void> {
  const allowed = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n')
  const target = resolve(stage.workingDirectory, words.at(-1) ?? '')
  for (const word of words.slice(0, -1)) {
    if (from === undefined && !allowed.includes(`!${word.split('/')[0] ?? ''}`)) throw new Error(`.dockerignore keeps ${word} out`)
    const source = join(from?.root ?? ROOT, word)
    const isFolder = (await stat(source)).isDirectory()
    await cp(source, isFolder ? target : join(target, basename(source)), {
      recursive: true,
      verbatimSymlinks: true,
      filter: file => from !== undefined || !/\/(node_modules|\.env)$/.test(file)
    })
  }
}
