import type { Command } from './command.js'

const FOOTER = `
The database is the one of DATABASE_URL, or else the embedded one that the server started here keeps in DATA_DIR
(default .data). The tables are those in the schema SCHEMA (default telco).

Exit status: 0 done, 1 refused or failed, 2 wrong usage.`

/** How to use the program as a whole. */
export function describeCommands (commands: Readonly<Record<string, Command>>): string {
  const width = Math.max(...Object.keys(commands).map(name => name.length))
  const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: fastify-telco-numbers <command> [options] [--json]

${list.join('\n')}

fastify-telco-numbers <command> --help tells more of a command; --json prints for programs.
${FOOTER}`
}

/** How to use one command. */
export function describeCommand (name: string, { synopsis, summary, options }: Command): string {
  const all: Command['options'] = { ...options, json: { type: 'boolean', help: 'print JSON, for programs' } }
  const list = Object.entries(all).map(([option, { type, help }]) => `  --${option}${type === 'string' ? ' <value>' : ''}\n      ${help}`)
  return `Usage: fastify-telco-numbers ${[name, synopsis].filter(part => part !== '').join(' ')} [--json]

${summary}

${list.join('\n')}
${FOOTER}`
}
