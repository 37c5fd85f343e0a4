import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { InvalidParametersError, messageOf, UndoRefusedError } from '../errors.js'
import { verifyVersion } from '../migrations/migrate.js'
import { NumberService } from '../service.js'
import { readConfiguration } from '../standalone/configuration.js'
import { DATABASE_URL_FILE } from '../standalone/embedded-postgres.js'
import { UsageError, type Arguments, type Command, type Context, type Report } from './command.js'
import { loads } from './commands/loads.js'
import { migrate } from './commands/migrate.js'
import { quote } from './commands/quote.js'
import { show } from './commands/show.js'
import { undo } from './commands/undo.js'
import { describeCommand, describeCommands } from './help.js'

const COMMANDS: Readonly<Record<string, Command>> = { loads, show, undo, quote, migrate }

const CONNECTION_TIMEOUT = 5_000

// An operator waits longer than a request does.
const LIMITS = { lockTimeout: 5_000, statementTimeout: 600_000 }

/** Where a command writes. */
export interface Output {
  out: (line: string) => void
  err: (line: string) => void
}

export const EXIT = { done: 0, failed: 1, usage: 2 } as const

/** Runs the command of a command line, and returns the exit status. */
export async function runCommandLine (words: readonly string[], environment: NodeJS.ProcessEnv, output: Output): Promise<number> {
  const [name = '--help', ...rest] = words
  if (name === '--help' || name === '-h') {
    output.out(describeCommands(COMMANDS))
    return EXIT.done
  }
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (command === undefined) throw new UsageError(`there is no command ${name}; --help lists them`)
    const { isJson, isHelp, ...given } = parse(name, command, rest)
    if (isHelp) {
      output.out(describeCommand(name, command))
      return EXIT.done
    }
    const report = await withContext(command, environment, context => command.run(context, given))
    if (isJson) output.out(JSON.stringify(report.json, null, 2))
    else report.lines.forEach(output.out)
    return EXIT.done
  } catch (error) {
    if (words.includes('--json')) output.out(JSON.stringify({ error: failureForPrograms(error) }, null, 2))
    for (const line of describeFailure(error)) output.err(`fastify-telco-numbers: ${line}`)
    return error instanceof UsageError ? EXIT.usage : EXIT.failed
  }
}

function parse (name: string, command: Command, words: readonly string[]): Arguments & { isJson: boolean, isHelp: boolean } {
  const { values, positionals } = parseWords(name, command, words)
  const { json = false, help = false, ...options } = values
  if (help !== true && positionals.length !== command.operands.length) {
    throw new UsageError(`usage: fastify-telco-numbers ${name} ${command.synopsis}`)
  }
  return { operands: positionals, options, isJson: json === true, isHelp: help === true }
}

function parseWords (
  name: string, command: Command, words: readonly string[]
): { values: Arguments['options'], positionals: string[] } {
  try {
    return parseArgs({
      args: [...words],
      options: { ...command.options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true
    })
  } catch (error) {
    throw new UsageError(`${messageOf(error)}; fastify-telco-numbers ${name} --help tells the options`)
  }
}

async function withContext (
  command: Command, environment: NodeJS.ProcessEnv, work: (context: Context) => Promise<Report>
): Promise<Report> {
  const { databaseUrl, dataDirectory, schema, maxRange } = readConfiguration(environment)
  const connectionString = databaseUrl ?? await findEmbedded(dataDirectory)
  const pool = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: CONNECTION_TIMEOUT })
  // A connection that is lost while the pool ends is no failure of the command.
  pool.on('error', () => {})
  try {
    if (command.worksWithoutTables !== true) await verifyVersion(pool, schema)
    const service = new NumberService({ pool, schema, limits: LIMITS }, { maxRange, maxWaiting: 1, queueTimeout: 5_000 }, console)
    return await work({ service, pool, schema, person: environment.USER ?? null })
  } finally {
    await pool.end()
  }
}

async function findEmbedded (dataDirectory: string): Promise<string> {
  try {
    return await readFile(join(dataDirectory, DATABASE_URL_FILE), 'utf8')
  } catch {
    throw new UsageError(`set DATABASE_URL: no embedded server is running in ${dataDirectory}`)
  }
}

function describeFailure (error: unknown): string[] {
  return error instanceof InvalidParametersError ? error.problems.map(problem => problem.message) : [messageOf(error)]
}

/** What a coded error says: its code, its message, and the lists that some have. */
function failureForPrograms (error: unknown): Record<string, unknown> {
  return {
    ...error instanceof Error && 'code' in error && { code: error.code },
    message: messageOf(error),
    ...error instanceof InvalidParametersError && { problems: error.problems },
    ...error instanceof UndoRefusedError && { changes: error.changes }
  }
}
