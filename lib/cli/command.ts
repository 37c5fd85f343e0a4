import { createError } from '@fastify/error'
import type { Database } from '../database/database.js'
import type { NumberService } from '../service.js'
import type { Signal, Terminal } from './terminal.js'

/** The context in which a command runs. */
export interface Context {
  readonly service: NumberService
  readonly database: Database
  /** Name of the operator, recorded as the person: from --as, or from the variable USER or LOGNAME. */
  readonly person: string | null
  /** The program, with which a command to copy begins. */
  readonly program: string
  readonly terminal: Terminal
  /** Runs work that may take long: shows the elapsed time, and lets Ctrl-C cancel it. */
  readonly interruptible: <Result>(activity: string, work: () => Promise<Result>) => Promise<Result>
}

/** The words after the name of a command, parsed. */
export interface Arguments {
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

/** The result of a command: as lines for a person, and as JSON for a program. */
export interface Report {
  readonly lines: readonly string[]
  readonly json: unknown
}

/** The result of a command that may be too long to keep: it is printed while it is read. */
export interface StreamedReport {
  readonly pieces: (isJson: boolean) => AsyncIterable<string>
}

export interface Option {
  readonly type: 'string' | 'boolean'
  readonly help: string
  readonly isRequired?: boolean
}

/** How a command is used. */
export interface Usage {
  /** The operands and options that follow the name of the command. */
  readonly synopsis: string
  /** One sentence for the list of commands. */
  readonly summary: string
  /** Further text of its help. */
  readonly details?: string
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, Option>>
}

/** A command that works with the database and returns a report. */
export interface DatabaseCommand extends Usage {
  readonly worksWithoutTables?: true
  /** Whether its work is recorded with a person. */
  readonly recordsPerson?: true
  /** The role whose rights it needs, unless the operator's rights are enough; see grants. */
  readonly role?: 'server' | 'owner'
  run: (context: Context, given: Arguments) => Promise<Report | StreamedReport>
}

/** A command that configures itself, and continues to run after the command line has been processed. */
export interface ServerCommand extends Usage {
  start: () => Promise<void>
}

/** Prints a text, without a database. */
export interface PrintCommand extends Usage {
  print: (given: Arguments) => string
}

export type Command = DatabaseCommand | ServerCommand | PrintCommand

/** All commands by their names; some names have two words. */
export type Commands = Readonly<Record<string, Command>>

/** The command line is invalid; the message describes the usage. */
export const UsageError = createError<[string]>('TELCO_NUMBERS_USAGE', '%s')

/** The role in DATABASE_URL lacks a right; the message says which role has it. */
export const MissingRightError = createError<[string]>('TELCO_NUMBERS_MISSING_RIGHT', '%s')

/** The operator did not answer yes. */
export const NotConfirmedError = createError<[string]>('TELCO_NUMBERS_NOT_CONFIRMED', 'not confirmed: %s')

const Interrupted = createError<[] | [{ cause: unknown }]>('TELCO_NUMBERS_INTERRUPTED', 'interrupted: nothing was changed')

/** A signal arrived, and the running work was cancelled. */
export class InterruptedError extends Interrupted {
  readonly signal: Signal

  constructor (signal: Signal, ...options: [] | [{ cause: unknown }]) {
    super(...options)
    this.signal = signal
  }
}
