import type { Readable, Writable } from 'node:stream'
import type { Signal } from './command.js'

interface PerhapsTerminal {
  readonly isTTY?: boolean
}

/** Where a command reads and writes, and who interrupts it: a process has all of it. */
export interface Terminal {
  readonly stdin: Readable & PerhapsTerminal
  readonly stdout: Writable
  /** For everything but results: questions, progress and failures. */
  readonly stderr: Writable & PerhapsTerminal
  on: (signal: Signal, listener: () => void) => unknown
  off: (signal: Signal, listener: () => void) => unknown
}

/** Says something that is no result. */
export function tell ({ stderr }: Terminal, line: string): void {
  stderr.write(`fastify-telco-numbers: ${line}\n`)
}
