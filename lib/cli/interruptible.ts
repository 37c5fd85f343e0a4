import { clearLine, cursorTo } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseUnavailableError } from '../errors.js'
import { InterruptedError, type Signal } from './command.js'
import { tell, type Terminal } from './terminal.js'

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM']

/** How many milliseconds pass between two looks at what is being waited for. */
const PROGRESS_INTERVAL_MS = 1_000
const CANCEL_INTERVAL_MS = 100

// npm passes a Ctrl-C on to a process that the terminal has told already: within this time the second is the first.
const SAME_INTERRUPTION = 1_000

/** How work is attended. */
export interface InterruptibleOptions {
  readonly terminal: Terminal
  /** What is being done, for the progress line; `undefined` for none. */
  readonly activity: string | undefined
  /** Cancels the statement that is running in the database, if one is. */
  readonly cancel: () => Promise<unknown>
}

/**
 * Does work of one transaction. A signal cancels it, and it is told which of the two came first: it is rolled
 * back, or it is done. A second signal ends the process at once.
 * @throws InterruptedError where it is rolled back
 */
export async function interruptible<Result> (
  { terminal, activity, cancel }: InterruptibleOptions, work: () => Promise<Result>
): Promise<Result> {
  const stopProgress = activity === undefined ? () => {} : showProgress(terminal, activity)
  const interruption = awaitInterruption(cancel, () => {
    stopProgress()
    tell(terminal, 'cancelling; a second Ctrl-C leaves without waiting for the database')
  }, terminal)
  try {
    const result = await orInterrupted(work, interruption)
    if (interruption.signal() !== undefined) tell(terminal, 'it was done before it could be cancelled')
    return result
  } finally {
    stopProgress()
    await interruption.stop()
  }
}

async function orInterrupted<Result> (work: () => Promise<Result>, interruption: Interruption): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const signal = interruption.signal()
    // Where the connection was lost, nobody knows what became of it.
    if (signal === undefined || error instanceof DatabaseUnavailableError) throw error
    throw new InterruptedError(signal, { cause: error })
  }
}

/** PostgreSQL does not say how far an INSERT has come, so the line tells nothing but the time. */
function showProgress ({ stderr }: Terminal, activity: string): () => void {
  const start = performance.now()
  let isShown = false
  const clear = (): void => {
    if (!isShown) return
    cursorTo(stderr, 0)
    clearLine(stderr, 0)
    isShown = false
  }
  const timer = setInterval(() => {
    clear()
    stderr.write(`${activity}: ${Math.round((performance.now() - start) / 1000)} s`)
    isShown = true
  }, PROGRESS_INTERVAL_MS)
  return () => {
    clearInterval(timer)
    clear()
  }
}

interface Interruption {
  /** The signal that came, if one has. */
  readonly signal: () => Signal | undefined
  readonly stop: () => Promise<void>
}

function awaitInterruption (cancel: () => Promise<unknown>, onInterrupt: () => void, terminal: Terminal): Interruption {
  let signal: Signal | undefined
  let isOver = false
  let patience: NodeJS.Timeout | undefined
  let cancelling: Promise<void> = Promise.resolve()

  // Again and again, because between two statements there is nothing to cancel.
  const cancelUntilOver = async (): Promise<void> => {
    while (!isOver) {
      await cancel().catch(() => {})
      await sleep(CANCEL_INTERVAL_MS)
    }
  }
  const listeners = SIGNALS.map(name => [name, () => {
    if (signal !== undefined) return
    signal = name
    onInterrupt()
    patience = setTimeout(stopListening, SAME_INTERRUPTION)
    cancelling = cancelUntilOver()
  }] as const)
  const stopListening = (): void => {
    for (const [name, listener] of listeners) terminal.off(name, listener)
  }
  for (const [name, listener] of listeners) terminal.on(name, listener)
  return {
    signal: () => signal,
    stop: async () => {
      isOver = true
      clearTimeout(patience)
      stopListening()
      await cancelling
    }
  }
}
