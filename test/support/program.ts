import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url))

export interface Program {
  readonly child: ChildProcessWithoutNullStreams
  readonly out: () => string
  readonly err: () => string
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** Starts the command line in a separate process, configured only by the given variables. */
export function startProgram (
  t: Test, words: readonly string[], environment: NodeJS.ProcessEnv,
  [command, ...argv]: readonly [string, ...string[]] = [process.execPath, '--enable-source-maps']
): Program {
  const env = { ...process.env, DATABASE_URL: '', ...environment }
  const child = spawn(command, [...argv, MAIN, ...words], { env })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text })
  const ended = once(child, 'close').then(([code, signal]: Array<number | NodeJS.Signals | null>) => code ?? signal ?? null)
  t.teardown(() => child.kill('SIGKILL'))
  return { child, out: () => out, err: () => err, ended }
}
