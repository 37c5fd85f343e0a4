import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { withoutTap } from './dockerfile.js'
import { ROOT } from './root.js'

const run = promisify(execFile)

/** The environment of a host's programs: without the variables of npm and of tap. */
const HOST_ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:NODE_|_?TAP|npm_)/.test(name)))

export interface Packed {
  readonly filename: string
  readonly files: ReadonlyArray<{ readonly path: string }>
}

/** Packs the package into a folder, as it would be published. */
export async function pack (folder: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT })
  const [packed] = JSON.parse(stdout) as Packed[]
  if (packed === undefined) throw new Error('npm pack returned nothing')
  return packed
}

/** Creates a folder outside the repository, whose node_modules would supply every package. */
export async function hostFolder (t: Test): Promise<string> {
  const host = await mkdtemp(join(tmpdir(), 'fastify-telco-numbers-host-'))
  t.teardown(() => rm(host, { recursive: true, force: true }))
  return host
}

/** Creates a host that installs the packed package and others with npm. */
export async function installedHost (t: Test, ...packages: string[]): Promise<string> {
  const host = await hostFolder(t)
  const { filename } = await pack(host)
  await writeFile(join(host, 'package.json'), '{ "private": true }')
  await shellIn(host, 'npm install --no-audit --no-fund "$@"', {}, [`./${filename}`, ...packages])
  return host
}

/** Runs a program of Node.js in a host, and returns what it prints. */
export async function runIn (host: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  return await shellIn(host, 'exec node "$@"', environment, words)
}

/** Runs a command in a host, without the modules that tap adds to every program, and returns what it prints. */
export async function shellIn (
  host: string, command: string, environment: NodeJS.ProcessEnv = {}, words: readonly string[] = []
): Promise<string> {
  const [program, ...argv] = withoutTap(['sh', '-e', '-c', command, 'sh', ...words])
  const { stdout, stderr } = await run(program, argv, {
    cwd: host, env: { ...HOST_ENVIRONMENT, npm_config_prefer_offline: 'true', ...environment }, maxBuffer: 2 ** 24
  }).catch((error: unknown) => {
    throw error instanceof Error && 'stdout' in error ? new Error(`${String(error.stdout)}${error.message}`) : error
  })
  return stdout + stderr
}
