import type { Readable, Writable } from 'node:stream'
import { createError } from '@fastify/error'
import { messageOf } from '../errors.js'
import { escapeControls } from '../parameters/invisible.js'

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type Signal = typeof SIGNALS[number]

interface MaybeTTY {
  readonly isTTY?: boolean
}

/** The streams and signals of a command, as a process has them. */
export interface Terminal {
  readonly stdin: Readable & MaybeTTY & { readonly setRawMode?: (isRaw: boolean) => unknown }
  readonly stdout: Writable
  /** For everything except results: questions, progress and errors. */
  readonly stderr: Writable & MaybeTTY
  on: (signal: Signal, listener: () => void) => unknown
  off: (signal: Signal, listener: () => void) => unknown
}

/** The command has done its work, but its result could not be written. */
export const UnwrittenError = createError<[string, { cause: Error }]>(
  'TELCO_NUMBERS_UNWRITTEN', 'done, but the result cannot be written to standard output: %s')

/** The reader of a result that can be printed again has closed the pipe, as `head` does when it has read enough. */
export const ReaderGoneError = createError('TELCO_NUMBERS_READER_GONE', 'the reader has closed standard output')

/** Prints a line that is not a result. */
export function printLine ({ stderr }: Terminal, line: string): void {
  stderr.write(`fastify-telco-numbers: ${escapeControls(line)}\n`)
}

/**
 * Prints a part of the result.
 * @throws UnwrittenError
 */
export async function printResult ({ stdout }: Terminal, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stdout.write(escapeControls(text), error => {
      if (error instanceof Error) reject(new UnwrittenError(messageOf(error), { cause: error }))
      else resolve()
    })
  })
}

/**
 * Prints a result that can be printed again.
 * @throws UnwrittenError, ReaderGoneError
 */
export async function printPieces (terminal: Terminal, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  try {
    for await (const piece of pieces) await printResult(terminal, piece)
  } catch (error) {
    const cause = error instanceof UnwrittenError ? error.cause : undefined
    throw cause instanceof Error && 'code' in cause && cause.code === 'EPIPE' ? new ReaderGoneError() : error
  }
}
