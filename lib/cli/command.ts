import createError from '@fastify/error'
import type { Database } from '../database/database.js'
import type { NumberService } from '../service.js'
import type { Terminal } from './terminal.js'

/** What a command works with. */
export interface Context {
  readonly service: NumberService
  readonly database: Database
  /** The operating system's name for who calls, as USER says; stored as the person. */
  readonly person: string | null
  readonly terminal: Terminal
  /** Does what may take long: shows how long it has taken, and lets Ctrl-C cancel it. */
  readonly interruptible: <Result>(activity: string, work: () => Promise<Result>) => Promise<Result>
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

export interface Option {
  readonly type: 'string' | 'boolean'
  readonly help: string
  readonly isRequired?: boolean
}

/** How a command is used. */
export interface Usage {
  /** What follows the name of the command on the command line. */
  readonly synopsis: string
  /** One sentence for the list of commands. */
  readonly summary: string
  /** What else its help says. */
  readonly details?: string
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, Option>>
}

/** Works with the database, and reports. */
export interface DatabaseCommand extends Usage {
  readonly worksWithoutTables?: true
  run: (context: Context, given: Arguments) => Promise<Report>
}

/** Starts something that goes on when the command line has been dealt with, and that configures itself. */
export interface ServerCommand extends Usage {
  start: () => Promise<void>
}

export type Command = DatabaseCommand | ServerCommand

/** All commands by their names, of which some are two words. */
export type Commands = Readonly<Record<string, Command>>

/** The command line is wrong; the message says how it would be right. */
export const UsageError = createError<[string]>('TELCO_NUMBERS_USAGE', '%s')

/** The person at the terminal has not said yes. */
export const NotConfirmedError = createError<[string]>('TELCO_NUMBERS_NOT_CONFIRMED', 'not confirmed: %s')

const Interrupted = createError<[] | [{ cause: unknown }]>('TELCO_NUMBERS_INTERRUPTED', 'interrupted: nothing was changed')

/** A signal came, and what was running has been cancelled. */
export class InterruptedError extends Interrupted {
  readonly signal: Signal

  constructor (signal: Signal, ...options: [] | [{ cause: unknown }]) {
    super(...options)
    this.signal = signal
  }
}

export type Signal = 'SIGINT' | 'SIGTERM'
