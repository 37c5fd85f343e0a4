import { parseArgs } from 'node:util'
import { findMisspelt } from '../parameters/misspelt.js'
import { UsageError, type Arguments, type Command, type Commands, type Option } from './command.js'
import { optionsOf } from './options.js'

/** A command, and the words after its name. */
export interface Call {
  readonly name: string
  readonly command: Command
  readonly rest: readonly string[]
}

export interface Parsed extends Arguments {
  readonly isJson: boolean
  readonly isHelp: boolean
}

/** Returns the command that the command line begins with; its name has one word or two. */
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
  const { values, positionals } = parseWords(name, command, rest)
  const { json, help, ...options }: Arguments['options'] = values
  const parsed = { operands: positionals, options, isJson: json === true, isHelp: help === true }
  if (parsed.isHelp) return parsed
  if (positionals.length !== command.operands.length) {
    throw new UsageError(`usage: fastify-telco-numbers ${name} ${command.synopsis}`)
  }
  const missing = Object.entries(command.options)
    .filter(([option, { isRequired = false }]) => isRequired && (options[option] ?? '') === '')
    .map(([option]) => `--${option}`)
  if (missing.length > 0) throw new UsageError(`missing ${missing.join(', ')}; ${helpHint(name)}`)
  return parsed
}

function parseWords (name: string, command: Command, words: readonly string[]) {
  const options = optionsOf(command)
  const args = words.map(word => word === '-h' ? '--help' : withHyphens(word))
  // Not strict, because the messages would be those of Node.js.
  const parsed = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true })
  const given = new Set<string>()
  for (const token of parsed.tokens) {
    if (token.kind !== 'option') continue
    const misuse = given.has(token.name) ? `${token.rawName} is given more than once` : describeMisuse(token, options)
    if (misuse !== undefined) throw new UsageError(`${misuse}; ${helpHint(name)}`)
    given.add(token.name)
  }
  return parsed
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

/** Returns the reason why an option cannot be used in this way, or `undefined`. */
function describeMisuse (
  { name, rawName, value, inlineValue }: OptionToken, options: Readonly<Record<string, Option>>
): string | undefined {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) {
    const meant = findMisspelt(name, Object.keys(options))
    return `unknown option ${rawName}${meant === undefined ? '' : `, did you mean --${meant}?`}`
  }
  if (option.type === 'boolean') return value === undefined ? undefined : `${rawName} takes no value`
  if (value === undefined) return `${rawName} needs a value`
  // Without the equals sign, it may be the next option.
  return inlineValue !== true && /^-./.test(value) ? `${rawName} needs ${rawName}=<value> for a value with a leading hyphen` : undefined
}

function helpHint (name: string): string {
  return `fastify-telco-numbers ${name} --help lists the options`
}

/** Accepts options that are written like the parameters of the endpoint: `--charge_customer`. */
function withHyphens (word: string): string {
  return word.replace(/^--[^=]+/, option => option.replaceAll('_', '-'))
}
