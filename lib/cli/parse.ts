import { parseArgs } from 'node:util'
import { messageOf } from '../errors.js'
import { UsageError, type Arguments, type Command, type Commands } from './command.js'

/** A command of the command line, and the words after its name. */
export interface Call {
  readonly name: string
  readonly command: Command
  readonly rest: readonly string[]
}

export interface Parsed extends Arguments {
  readonly isJson: boolean
  readonly isHelp: boolean
}

/** The command whose name, of one word or two, the command line begins with. */
export function findCommand (commands: Commands, words: readonly string[]): Call | undefined {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ')
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command !== undefined) return { name, command, rest: words.slice(length) }
  }
  return undefined
}

/** @throws UsageError */
export function parse ({ name, command, rest }: Call): Parsed {
  const { values, positionals, tokens } = parseWords(name, command, rest)
  const given = tokens.flatMap(token => token.kind === 'option' ? [token.name] : [])
  const repeated = given.find((option, index) => given.indexOf(option) !== index)
  if (repeated !== undefined) throw new UsageError(`--${repeated} is given more than once; ${pointerTo(name)}`)
  const { json, help, ...options }: Arguments['options'] = values
  const parsed = { operands: positionals, options, isJson: json === true, isHelp: help === true }
  if (parsed.isHelp) return parsed
  if (positionals.length !== command.operands.length) {
    throw new UsageError(`usage: fastify-telco-numbers ${name} ${command.synopsis}`)
  }
  const missing = Object.entries(command.options)
    .filter(([option, { isRequired = false }]) => isRequired && (options[option] ?? '') === '')
    .map(([option]) => `--${option}`)
  if (missing.length > 0) throw new UsageError(`${missing.join(', ')} missing; ${pointerTo(name)}`)
  return parsed
}

function parseWords (name: string, command: Command, words: readonly string[]) {
  try {
    return parseArgs({
      args: words.map(withHyphens),
      options: {
        ...command.options,
        ...'run' in command && { json: { type: 'boolean' } },
        help: { type: 'boolean', short: 'h' }
      },
      allowPositionals: true,
      tokens: true
    })
  } catch (error) {
    throw new UsageError(`${messageOf(error)}; ${pointerTo(name)}`)
  }
}

function pointerTo (name: string): string {
  return `fastify-telco-numbers ${name} --help tells the options`
}

/** Options may be written as the specification writes its parameters: `--charge_customer`. */
function withHyphens (word: string): string {
  return word.replace(/^--[^=]+/, option => option.replaceAll('_', '-'))
}
