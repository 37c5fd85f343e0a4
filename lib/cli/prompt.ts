import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { InterruptedError } from './command.js'
import type { Terminal } from './terminal.js'

/** Asks a person, and resolves to the line that was typed; to an empty one where the input has ended. */
export type Ask = (question: string) => Promise<string>

/**
 * Talks with the person at the terminal. Questions go to standard error, and the lines that are typed too,
 * unless they are hidden.
 * @throws InterruptedError at Ctrl-C
 */
export async function prompt<Result> (
  { stdin, stderr }: Terminal, typed: 'shown' | 'hidden', talk: (ask: Ask) => Promise<Result>
): Promise<Result> {
  const isHidden = typed === 'hidden'
  // readline puts the terminal into raw mode and echoes by itself: into nothing, for hidden lines.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => { done() } })
  const reader = createInterface({ input: stdin, output: isHidden ? nowhere : stderr, terminal: true })
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
    return await talk(ask)
  } finally {
    reader.close()
  }
}
