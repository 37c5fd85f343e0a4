import { Environment } from '../config/configuration.js'
import type { Command, Commands } from './command.js'
import { optionsOf } from './options.js'

const { DATA_DIR, SCHEMA } = Environment.properties

const FOOTER = `
The database is DATABASE_URL, or the embedded PostgreSQL of a server that runs in this folder, with its data in
DATA_DIR (default ${String(DATA_DIR.default)}). The tables are in the schema SCHEMA (default ${String(SCHEMA.default)}).

Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 done, but the result could not be written,
129, 130 and 143 interrupted by SIGHUP, SIGINT (Ctrl-C) and SIGTERM, 141 standard output closed by its reader.`

/** Returns the help of the program, or of the commands whose names begin with `group`. */
export function describeCommands (commands: Commands, group = ''): string {
  const chosen = Object.entries(commands).filter(([name]) => name.startsWith(group))
  const width = Math.max(...chosen.map(([name]) => name.length))
  const list = chosen.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: fastify-telco-numbers ${group}<command> [options]

${list.join('\n')}

fastify-telco-numbers <command> --help describes a command; --version prints the version of the package.
${FOOTER}`
}

/** Returns the help of one command. */
export function describeCommand (name: string, command: Command): string {
  const { synopsis, summary, details } = command
  const list = Object.entries(optionsOf(command)).map(([option, { type, help, isRequired = false }]) => (
    `  --${option}${type === 'string' ? ' <value>' : ''}${isRequired ? ' (required)' : ''}\n      ${help}`))
  return `Usage: ${['fastify-telco-numbers', name, synopsis, 'run' in command ? '[--json]' : ''].filter(part => part !== '').join(' ')}

${[summary, ...details === undefined ? [] : [details]].join('\n')}

${list.join('\n')}
${FOOTER}`
}
