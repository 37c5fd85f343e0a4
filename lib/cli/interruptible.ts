import { clearLine, cursorTo } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseUnavailableError } from '../errors.js'
import { InterruptedError } from './command.js'
import { printLine, SIGNALS, type Signal, type Terminal } from './terminal.js'

const PROGRESS_INTERVAL_MS = 1_000
const CANCEL_INTERVAL_MS = 100

// npm forwards a Ctrl-C that the process has also received from the terminal: within this time, a second signal is that copy.
const DUPLICATE_SIGNAL_MS = 1_000

export interface InterruptibleOptions {
  readonly terminal: Terminal
  /** Text of the progress line; `undefined` for no such line. */
  readonly activity: string | undefined
  /** Cancels the statement that is running in the database, if there is one. */
  readonly cancel: () => Promise<unknown>
}

/**
 * Runs work of one transaction. A signal cancels it. The work is then either rolled back, or was done before it could be
 * cancelled; the operator is told which. A second signal ends the process immediately.
 * @throws InterruptedError if the work was rolled back
 */
export async function interruptible<Result> (
  { terminal, activity, cancel }: InterruptibleOptions, work: () => Promise<Result>
): Promise<Result> {
  const stopProgress = activity === undefined ? () => {} : showProgress(terminal, activity)
  const signals = listenForSignals(cancel, isDone => {
    stopProgress()
    printLine(terminal, isDone
      ? 'the work has ended, and its result follows'
      : 'cancelling; a second Ctrl-C exits without waiting for the database')
  }, terminal)
  try {
    const result = await throwIfInterrupted(work, signals)
    if (signals.received() !== undefined) printLine(terminal, 'the work was done before it could be cancelled')
    return result
  } finally {
    stopProgress()
    await signals.stop()
  }
}

async function throwIfInterrupted<Result> (work: () => Promise<Result>, signals: SignalListener): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const signal = signals.received()
    // If the connection was lost, the work may or may not be done.
    if (signal === undefined || error instanceof DatabaseUnavailableError) throw error
    throw new InterruptedError(signal, { cause: error })
  }
}

/** Shows the elapsed time only, because PostgreSQL does not report how far an INSERT has come. */
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

interface SignalListener {
  /** Returns the signal that has been received, if any. */
  readonly received: () => Signal | undefined
  /** Stops cancelling. A first signal still has no effect: the process would otherwise end before the result is printed. */
  readonly stop: () => Promise<void>
}

function listenForSignals (
  cancel: () => Promise<unknown>, onSignal: (isDone: boolean) => void, terminal: Terminal
): SignalListener {
  let signal: Signal | undefined
  let isDone = false
  let cancelling: Promise<void> = Promise.resolve()

  // Repeatedly, because there is nothing to cancel between two statements.
  const cancelUntilDone = async (): Promise<void> => {
    while (!isDone) {
      await cancel().catch(() => {})
      await sleep(CANCEL_INTERVAL_MS)
    }
  }
  const listeners = SIGNALS.map(name => [name, () => {
    if (signal !== undefined) return
    signal = name
    onSignal(isDone)
    setTimeout(stopListening, DUPLICATE_SIGNAL_MS).unref()
    cancelling = cancelUntilDone()
  }] as const)
  const stopListening = (): void => {
    for (const [name, listener] of listeners) terminal.off(name, listener)
  }
  for (const [name, listener] of listeners) terminal.on(name, listener)
  return {
    received: () => signal,
    stop: async () => {
      isDone = true
      await cancelling
    }
  }
}
