import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { InterruptedError } from './command.js'
import type { Terminal } from './terminal.js'

/** Text that was typed earlier arrives immediately; a person takes longer to answer. */
const DISCARD_MS = 50

/** Asks a question, and resolves to the line that was typed, or to an empty one if the input has ended. */
export type Ask = (question: string) => Promise<string>

/**
 * Prompts the operator at the terminal. Questions go to standard error, and so do typed lines unless they are hidden. Text that
 * was typed before the first question is discarded.
 * @throws InterruptedError at Ctrl-C
 */
export async function prompt<Result> (
  { stdin, stderr }: Terminal, typed: 'shown' | 'hidden', work: (ask: Ask) => Promise<Result>
): Promise<Result> {
  const isHidden = typed === 'hidden'
  await discardTyped(stdin)
  // readline puts the terminal into raw mode and echoes the input itself. It discards the echo of hidden lines.
  const discard = new Writable({ write: (_chunk, _encoding, done) => { done() } })
  const reader = createInterface({ input: stdin, output: isHidden ? discard : stderr, terminal: true })
  let isInterrupted = false
  reader.on('SIGINT', () => {
    isInterrupted = true
    reader.close()
  })
  const lines = reader[Symbol.asyncIterator]()
  const ask: Ask = async question => {
    reader.setPrompt(question)
    if (isHidden) stderr.write(question)
    reader.prompt()
    const line: IteratorResult<string, undefined> = await lines.next()
    if (isHidden || line.done === true) stderr.write('\n')
    if (isInterrupted) throw new InterruptedError('SIGINT')
    return line.value ?? ''
  }
  try {
    return await work(ask)
  } finally {
    reader.close()
  }
}

async function discardTyped (stdin: Terminal['stdin']): Promise<void> {
  // In raw mode, the terminal passes on incomplete lines, and echoes nothing.
  stdin.setRawMode?.(true)
  stdin.resume()
  await sleep(DISCARD_MS)
  stdin.pause()
}
