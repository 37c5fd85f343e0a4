import type { Command, Option } from './command.js'

const JSON_OPTION: Option = { type: 'boolean', help: 'Print the result, or the error, as JSON to standard output.' }

const AS_OPTION: Option = { type: 'string', help: 'Name to record as the person, instead of the variable USER or LOGNAME.' }

const HELP: Option = { type: 'boolean', help: 'Print this help.' }

/** Returns all options of a command: its own, and those of all commands of its kind. */
export function optionsOf (command: Command): Readonly<Record<string, Option>> {
  return {
    ...command.options,
    ...'run' in command && { ...command.recordsPerson === true && { as: AS_OPTION }, json: JSON_OPTION },
    help: HELP
  }
}
