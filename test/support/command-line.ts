import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { Test } from 'tap'
import { runCommandLine } from '../../lib/cli/run.js'
import type { Terminal } from '../../lib/cli/terminal.js'
import type { TestSchema } from './host.js'
import { until } from './until.js'

/** The result of a command line. */
export interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** A terminal, or plain streams, that a test writes to and reads from. */
export interface TestTerminal extends Terminal {
  readonly stdin: PassThrough & { readonly isTTY?: boolean }
  readonly signals: EventEmitter
  readonly out: () => string
  readonly err: () => string
  /** The arguments of `setRawMode`, in the order of the calls. */
  readonly rawModes: boolean[]
}

export function testTerminal ({ isTTY = false }: { isTTY?: boolean } = {}): TestTerminal {
  const rawModes: boolean[] = []
  const signals = new EventEmitter()
  const read = (): [PassThrough, () => string] => {
    const stream = new PassThrough()
    let text = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
    return [stream, () => text]
  }
  const [[stdout, out], [stderr, err]] = [read(), read()]
  const stdin = Object.assign(new PassThrough(), isTTY && {
    isTTY, setRawMode: (isRaw: boolean) => { rawModes.push(isRaw) }
  })
  return {
    stdin, stdout, stderr: isTTY ? Object.assign(stderr, { isTTY }) : stderr, out, err, rawModes, signals,
    on: signals.on.bind(signals), off: signals.off.bind(signals)
  }
}

/** Starts a command line at a terminal. */
export async function runAt (terminal: TestTerminal, words: string[], environment: NodeJS.ProcessEnv): Promise<Ran> {
  const status = await runCommandLine(words, environment, terminal)
  return { status, out: terminal.out(), err: terminal.err() }
}

/** Runs a command line without a terminal, with `input` as its standard input. */
export async function run (words: string[], environment: NodeJS.ProcessEnv, input: string | Uint8Array = ''): Promise<Ran> {
  const terminal = testTerminal()
  terminal.stdin.end(input)
  const { status, out, err } = await runAt(terminal, words, environment)
  return { status, out: out.replace(/\n$/, ''), err: err.replace(/\n$/, '') }
}

/** Runs a command line at a terminal, and answers each question when it is asked. */
export async function runAnswering (
  words: string[], environment: NodeJS.ProcessEnv, answers: ReadonlyArray<readonly [question: RegExp, answer: string]>
): Promise<Ran & Pick<TestTerminal, 'rawModes' | 'signals'>> {
  const terminal = testTerminal({ isTTY: true })
  const ended = runAt(terminal, words, environment)
  let hasEnded = false
  void ended.then(() => { hasEnded = true })
  let seen = 0
  for (const [question, answer] of answers) {
    await until(() => hasEnded || question.test(terminal.err().slice(seen)))
    seen = terminal.err().length
    terminal.stdin.write(answer)
  }
  return { ...await ended, rawModes: terminal.rawModes, signals: terminal.signals }
}

/** Blocks every load until `letGo`, without a lock that would time out. */
export async function holdLoads (t: Test, { pool, schema, sql }: TestSchema) {
  const holder = await pool.connect()
  t.teardown(() => { holder.release(true) })
  const key = `hashtext('${schema}')`
  await holder.query(`select pg_advisory_lock(${key})`)
  await sql(`create function hold() returns trigger language plpgsql as $$ begin
    while not pg_try_advisory_xact_lock(${key}) loop perform pg_sleep(0.02); end loop; return new; end $$`)
  await sql('create trigger hold before insert on loads for each row execute function hold()')
  return {
    /** Waits until a load is blocked. */
    isHeld: () => until(async () => (
      (await sql(`select from pg_stat_activity where wait_event = 'PgSleep' and query like '%' || $1 || '%'`, [schema])).length > 0)),
    letGo: () => holder.query(`select pg_advisory_unlock(${key})`)
  }
}
