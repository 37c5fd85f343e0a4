import type { Command, Commands, Option } from './command.js'

const FOOTER = `
The database is the one of DATABASE_URL, or else the embedded one that the server started here keeps in DATA_DIR
(default .data). The tables are those in the schema SCHEMA (default telco).

Exit status: 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted.`

const HELP: Option = { type: 'boolean', help: 'Say this.' }

const JSON_OPTION: Option = { type: 'boolean', help: 'Print the result, or the error, as JSON to standard output.' }

/** How to use the program, or the commands of which the names begin with `group`. */
export function describeCommands (commands: Commands, group = ''): string {
  const chosen = Object.entries(commands).filter(([name]) => name.startsWith(group))
  const width = Math.max(...chosen.map(([name]) => name.length))
  const list = chosen.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: fastify-telco-numbers ${group}<command> [options]

${list.join('\n')}

fastify-telco-numbers <command> --help tells more of a command, --version the version of the package.
${FOOTER}`
}

/** How to use one command. */
export function describeCommand (name: string, command: Command): string {
  const { synopsis, summary, details, options } = command
  const all = Object.entries({ ...options, ...'run' in command && { json: JSON_OPTION }, help: HELP })
  const list = all.map(([option, { type, help, isRequired = false }]) => (
    `  --${option}${type === 'string' ? ' <value>' : ''}${isRequired ? ' (required)' : ''}\n      ${help}`))
  return `Usage: ${['fastify-telco-numbers', name, synopsis, 'run' in command ? '[--json]' : ''].filter(part => part !== '').join(' ')}

${[summary, ...details === undefined ? [] : [details]].join('\n')}

${list.join('\n')}
${FOOTER}`
}
