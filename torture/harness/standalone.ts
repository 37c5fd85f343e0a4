import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { until } from './until.js'

const MAIN = fileURLToPath(new URL('../../dist/server/main.js', import.meta.url))

/** As many files as most systems let a program open by default. */
const FEW_FILES = ['-c', 'ulimit -n 1024; exec "$0" "$@"', process.execPath, MAIN]

/** The stand-alone server, in a process that leads its process group. */
export class Standalone {
  readonly name: string
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  readonly #child: ChildProcess
  #output = ''

  /** Starts it with these variables only, in a folder without a file `.env`. */
  constructor (name: string, variables: Readonly<Record<string, string>>) {
    this.name = name
    const { PATH = '' } = process.env
    this.#child = spawn('sh', FEW_FILES, {
      cwd: tmpdir(), env: { PATH, PORT: '0', ...variables }, detached: true, stdio: ['ignore', 'pipe', 'pipe']
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => { this.#output += text })
    }
    this.ended = once(this.#child, 'close').then(([code, signal]: Array<number | NodeJS.Signals | null>) => code ?? signal ?? null)
  }

  /** The end of its output. */
  get output (): string {
    return this.#output.slice(-1_000)
  }

  /** The address at which it listens; empty before that. */
  get origin (): string {
    return /Listening on (http:[^"\s]*:\d+)/.exec(this.#output)?.[1] ?? ''
  }

  /** Waits until it listens, and returns whether it does; it may have ended instead. */
  async listens (): Promise<boolean> {
    await until(`${this.name} listens`, async () => this.origin !== '' || this.#hasEnded())
    return this.origin !== ''
  }

  signal (signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Kills its remaining processes. */
  async stop (): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }

  #hasEnded (): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}
