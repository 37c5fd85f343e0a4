import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { until } from './until.js'

const FILE = fileURLToPath(new URL('../processes/server.js', import.meta.url))

/** The message of the process when it listens. */
interface ServerReady {
  readonly origin: string
}

/** A host application with the plugin, in a process that can be killed and started again. */
export class Server {
  readonly name: string
  readonly #environment: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  #origin = ''
  readonly #unexpectedExits: string[] = []

  private constructor (name: string, databaseUrl: string, log: string) {
    this.name = name
    this.#environment = { ...process.env, NODE_ENV: 'production', TORTURE_DATABASE_URL: databaseUrl, TORTURE_LOG: log }
  }

  static async start (name: string, databaseUrl: string, log: string): Promise<Server> {
    const server = new Server(name, databaseUrl, log)
    await server.startAgain()
    return server
  }

  /** The address at which it listens. The port differs after each start. */
  get origin (): string {
    return this.#origin
  }

  /** Returns a violation for every time the process has ended by itself since the last call. */
  takeUnexpectedExits (): string[] {
    return this.#unexpectedExits.splice(0)
  }

  async startAgain (): Promise<void> {
    // On a busy machine, the database may be too slow for the plugin, which then correctly fails to start.
    await until(`${this.name} starts`, () => this.#launch())
  }

  async #launch (): Promise<boolean> {
    const child = fork(FILE, { env: this.#environment, execArgv: [] })
    this.#child = child
    const ready = await Promise.race([
      once(child, 'message').then(([message]) => message as ServerReady), once(child, 'exit').then(() => undefined)
    ])
    if (ready === undefined) return false
    this.#origin = ready.origin
    child.once('exit', (code, signal) => {
      // After kill or stop, this.#child is another process or undefined.
      if (this.#child === child) this.#unexpectedExits.push(`unexpected exit: ${this.name} ended by itself with ${code ?? signal ?? 'nothing'}`)
    })
    return true
  }

  /** Kills the process as kill -9 does. */
  async kill (): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop (): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end (signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
}
