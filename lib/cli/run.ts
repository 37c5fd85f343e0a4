import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { DatabaseUnfitError, InvalidParametersError, messageOf, UndoRefusedError, RoleNotFoundError } from '../errors.js'
import { InterruptedError, UsageError, type Arguments, type Commands, type DatabaseCommand } from './command.js'
import { deleteNumbers, updateNumbers } from './commands/change.js'
import { check } from './commands/check.js'
import { create } from './commands/create.js'
import { grants } from './commands/grants.js'
import { free } from './commands/free.js'
import { get } from './commands/get.js'
import { history } from './commands/history.js'
import { importFile } from './commands/import.js'
import { list } from './commands/list.js'
import { changes, loads } from './commands/loads.js'
import { migrate } from './commands/migrate.js'
import { classes, customers, ingroups, plans, regions } from './commands/named.js'
import { addPerson } from './commands/person/add.js'
import { disablePerson } from './commands/person/disable.js'
import { enablePerson } from './commands/person/enable.js'
import { listPeople } from './commands/person/list.js'
import { changePassword } from './commands/person/passwd.js'
import { quote } from './commands/quote.js'
import { serve } from './commands/serve.js'
import { show } from './commands/show.js'
import { sql } from './commands/sql.js'
import { undo } from './commands/undo.js'
import { withDatabase } from './connect.js'
import { describeCommand, describeCommands } from './help.js'
import { withOptions } from './parameters.js'
import { findCommand, parse, type Call } from './parse.js'
import { printLine, printPieces, printResult, ReaderGoneError, UnwrittenError, type Terminal } from './terminal.js'

const COMMANDS: Commands = {
  serve,
  migrate,
  check,
  grants,
  sql,
  create,
  import: importFile,
  update: updateNumbers,
  delete: deleteNumbers,
  quote,
  loads,
  changes,
  show,
  undo,
  history,
  get,
  list,
  free,
  classes,
  ingroups,
  regions,
  customers,
  plans,
  'person add': addPerson,
  'person passwd': changePassword,
  'person disable': disablePerson,
  'person enable': enablePerson,
  'person list': listPeople
}

const MANIFEST = new URL('../../package.json', import.meta.url)

/**
 * Exit statuses. An interruption has the status of its signal, as in a shell: `signal` and the number of the signal. A pipe
 * that its reader has closed has that of SIGPIPE, also on Windows, which has no such signal.
 */
export const EXIT = { done: 0, failed: 1, usage: 2, unwritten: 3, signal: 128, readerGone: 141 } as const

/** Runs the command of a command line, and returns the exit status. */
export async function runCommandLine (
  words: readonly string[], environment: NodeJS.ProcessEnv, terminal: Terminal
): Promise<number> {
  try {
    const output = await execute(words, environment, terminal)
    if (output !== undefined) await printPieces(terminal, [`${output}\n`])
    return EXIT.done
  } catch (error) {
    if (error instanceof ReaderGoneError) return EXIT.readerGone
    if (words.includes('--json')) {
      await printResult(terminal, `${toJson({ error: describeForPrograms(error) })}\n`).catch(() => {})
    }
    for (const line of describeForPeople(error)) printLine(terminal, line)
    if (error instanceof UnwrittenError) return EXIT.unwritten
    if (error instanceof InterruptedError) return EXIT.signal + constants.signals[error.signal]
    return error instanceof UsageError ? EXIT.usage : EXIT.failed
  }
}

/** Returns the output of the command line, unless it is printed already. */
async function execute (
  words: readonly string[], environment: NodeJS.ProcessEnv, terminal: Terminal
): Promise<string | undefined> {
  const [first = '--help', second = '--help'] = words
  if (first === '--help' || first === '-h') return describeCommands(COMMANDS)
  if (first === '--version') return await readVersion()
  const call = findCommand(COMMANDS, words)
  if (call !== undefined) return await run(call, environment, terminal)
  const isGroup = Object.keys(COMMANDS).some(name => name.startsWith(`${first} `))
  if (isGroup && (second === '--help' || second === '-h')) return describeCommands(COMMANDS, `${first} `)
  throw new UsageError(`unknown command ${isGroup ? `${first} ${second}` : first}; --help lists the commands`)
}

async function run (call: Call, environment: NodeJS.ProcessEnv, terminal: Terminal): Promise<string | undefined> {
  const { name, command } = call
  const { isJson, isHelp, ...given } = parse(call)
  if (isHelp) return describeCommand(name, command)
  if ('start' in command) {
    await command.start()
    return undefined
  }
  if ('print' in command) return command.print(given)
  const showsProgress = terminal.stderr.isTTY === true && !isJson
  const person = typeof given.options.as === 'string' ? given.options.as : undefined
  return await withDatabase(command, { environment, terminal, showsProgress, person }, async context => {
    const report = await command.run(context, given)
    if ('pieces' in report) {
      await printPieces(terminal, report.pieces(isJson))
      return undefined
    }
    const output = isJson ? toJson(report.json) : report.lines.join('\n')
    if (!mayWrite(command, given)) return output
    await printOnce(terminal, output)
    return undefined
  })
}

/** Returns whether a command may have changed something, so that its result cannot be had again. */
function mayWrite ({ recordsPerson, role }: DatabaseCommand, { options }: Arguments): boolean {
  return options['dry-run'] !== true && (recordsPerson === true || role === 'owner')
}

/** Prints output on standard error if it would be lost otherwise. */
async function printOnce (terminal: Terminal, output: string): Promise<void> {
  await printResult(terminal, `${output}\n`).catch((error: unknown) => {
    for (const line of output.split('\n')) printLine(terminal, line)
    throw error
  })
}

async function readVersion (): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(MANIFEST, 'utf8'))
  return Value.Decode(Type.Object({ version: Type.String() }), manifest).version
}

function toJson (value: unknown): string {
  return JSON.stringify(value, null, 2)
}

function describeForPeople (error: unknown): string[] {
  if (error instanceof InvalidParametersError) return error.issues.map(({ message }) => withOptions(message))
  if (error instanceof DatabaseUnfitError) return error.findings.map(({ message, remedy }) => `${message}; remedy: ${remedy}`)
  return [messageOf(error)]
}

/** Returns the code and the message of an error, and the lists that some errors have. */
function describeForPrograms (error: unknown): Record<string, unknown> {
  return {
    ...error instanceof Error && 'code' in error && { code: error.code },
    message: messageOf(error),
    ...error instanceof InvalidParametersError && { issues: error.issues },
    ...error instanceof DatabaseUnfitError && { findings: error.findings },
    ...error instanceof UndoRefusedError && {
      changes: error.changes, changedBy: error.changedBy, changedByCount: error.changedByCount
    },
    ...error instanceof RoleNotFoundError && { roles: error.roles }
  }
}
