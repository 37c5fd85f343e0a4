import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { Environment } from '../../lib/config/configuration.js'
import { SECRETS } from '../../lib/config/secrets.js'
import { processesOf } from '../../torture/harness/processes.js'
import { until } from './until.js'

export { processesOf }

const MAIN = fileURLToPath(new URL('../../lib/server/main.js', import.meta.url))

const VARIABLES: readonly string[] = [
  ...Object.keys(Environment.properties), ...SECRETS.flatMap(name => [name, `${name}_FILE`])
]

/** A program in a separate process, which leads its process group. */
export interface ServerProcess {
  readonly pid: number
  /** Waits until a line of the output matches, and returns it. */
  readonly printed: (pattern: RegExp) => Promise<string>
  readonly output: () => string
  readonly errors: () => string
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** Starts the stand-alone server on any free port, configured only by the given variables. */
export function startServer (
  t: Test, environment: NodeJS.ProcessEnv, options: SpawnOptions = {},
  [command, ...argv]: readonly [string, ...string[]] = [process.execPath, '--enable-source-maps']
): ServerProcess {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !VARIABLES.includes(name)))
  // In a folder without a .env file.
  return startProgram(t, [command, ...argv, MAIN], { cwd: tmpdir(), env: { ...inherited, PORT: '0', ...environment }, ...options })
}

/** Starts any program that prints lines. */
export function startProgram (t: Test, [command, ...argv]: readonly [string, ...string[]], options: SpawnOptions): ServerProcess {
  const child = spawn(command, argv, { detached: true, ...options })
  let [output, errors] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => { output += text })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { errors += text })
  const ended = once(child, 'close').then(([code, signal]: Array<number | NodeJS.Signals | null>) => code ?? signal ?? null)
  t.teardown(() => child.kill('SIGKILL'))
  const printed = async (pattern: RegExp): Promise<string> => {
    const find = () => output.split('\n').find(line => pattern.test(line))
    await until(() => find() !== undefined || child.exitCode !== null)
    const line = find()
    if (line === undefined) throw new Error(`the program ended and has not printed ${pattern.source}: ${output}${errors}`)
    return line
  }
  return { pid: child.pid ?? 0, printed, output: () => output, errors: () => errors, ended }
}

/** Returns a path in a new folder that every user can enter; the folder is removed when no process uses it any more. */
export async function dataDirectory (t: Test, name = 'data'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-telco-numbers-'))
  await chmod(folder, 0o755)
  t.teardown(async () => {
    await until(async () => (await processesOf(folder)).length === 0)
    await rm(folder, { recursive: true })
  })
  return join(folder, name)
}
