import type { Pool } from 'pg'
import type { NumberService } from '../service.js'

/** What a command works with. */
export interface Context {
  readonly service: NumberService
  readonly pool: Pool
  readonly schema: string
  /** The operating system's name for who calls, as USER says; stored as the person. */
  readonly person: string | null
}

/** What was given after the name of a command. */
export interface Arguments {
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

/** What a command has to say: to a person, line by line, and to a program. */
export interface Report {
  readonly lines: readonly string[]
  readonly json: unknown
}

export interface Command {
  /** What follows the name of the command on the command line. */
  readonly synopsis: string
  /** One sentence for the list of commands. */
  readonly summary: string
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean', readonly help: string }>>
  readonly worksWithoutTables?: true
  run: (context: Context, given: Arguments) => Promise<Report>
}

/** The command line is wrong; the message says how it would be right. */
export class UsageError extends Error {}
