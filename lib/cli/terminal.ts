import type { Readable, Writable } from 'node:stream'

export type Signal = 'SIGINT' | 'SIGTERM'

interface MaybeTTY {
  readonly isTTY?: boolean
}

/** The streams and signals of a command; a process has them. */
export interface Terminal {
  readonly stdin: Readable & MaybeTTY
  readonly stdout: Writable
  /** For everything but results: questions, progress and errors. */
  readonly stderr: Writable & MaybeTTY
  on: (signal: Signal, listener: () => void) => unknown
  off: (signal: Signal, listener: () => void) => unknown
}

/** Prints a line that is not a result. */
export function printLine ({ stderr }: Terminal, line: string): void {
  stderr.write(`fastify-telco-numbers: ${line}\n`)
}
