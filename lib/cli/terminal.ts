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
export const UnwrittenError = createError<[string]>(
  'TELCO_NUMBERS_UNWRITTEN', 'done, but the result cannot be written to standard output: %s')

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
      if (error instanceof Error) reject(new UnwrittenError(messageOf(error)))
      else resolve()
    })
  })
}
