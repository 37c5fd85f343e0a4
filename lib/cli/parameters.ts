import { KindGuard, type TObject } from '@sinclair/typebox'
import { CreateParameters, CreateRequest } from '../parameters/create.js'
import { parseTextParameters } from '../parameters/from-text.js'
import type { ParsedParameters } from '../parameters/parse.js'
import type { RawParameters } from '../parameters/raw.js'
import type { Arguments, Option } from './command.js'

// On a command line, a flag takes no value.
const FLAGS: Partial<Record<string, string>> = {
  charge_customer: 'Charge the customer, and its parents, for the numbers.',
  refund: 'Give each payer back what the numbers cost when they were loaded.',
  validation: 'Check the input and change nothing.'
}

/** Returns the option for a parameter of the endpoint. */
export function optionFor (name: string, table: TObject = CreateParameters): Option {
  const flag = FLAGS[name]
  if (flag !== undefined) return { type: 'boolean', help: flag }
  const schema = table.properties[name]
  const isRequired = schema !== undefined && schema.default === undefined && !KindGuard.IsOptional(schema)
  return { type: 'string', help: String(schema?.description), isRequired }
}

/** Returns the options for parameters, by their names with hyphens. */
export function parameterOptions (names: readonly string[], table: TObject = CreateParameters): Record<string, Option> {
  return Object.fromEntries(names.map(name => [optionName(name), optionFor(name, table)]))
}

/** Parses the options by the rules of the endpoint; `implied` are flags that are set without an option. */
export function parseOptions (options: Arguments['options'], implied: readonly string[] = []): ParsedParameters<typeof CreateRequest> {
  const values = Object.keys(CreateParameters.properties).flatMap(name => {
    const value = implied.includes(name) || (options[optionName(name)] ?? '')
    return [[name, { kind: 'text' as const, text: value === true ? '1' : String(value) }]] as const
  })
  return parseTextParameters(CreateRequest, { values: new Map(values), repeated: new Set() })
}

/** Returns the values of the options that are given, by the names of their parameters. */
export function givenParameters (options: Arguments['options']): RawParameters {
  const values = Object.entries(options).filter(([, value]) => value !== undefined).map(([name, value]) => (
    [name.replaceAll('-', '_'), { kind: 'text' as const, text: value === true ? '1' : String(value) }] as const))
  return { values: new Map(values), repeated: new Set() }
}

/** How messages name parameters, and how a command line gives them. */
const NOTATIONS = [
  [/\b(assigned|charge_customer|free)=1/g, '--$1'],
  [/\bcharge_customer=0/g, 'no --charge_customer'],
  [/\b(encoding|plus|punctuation)=/g, '--$1='],
  [/\bthe parameter /g, 'the option --'],
  [/\bas a parameter\b/g, 'as an option'],
  [/ \(%[0-9A-F]{2} in a URL\)/g, '']
] as const

/** Returns a message about parameters in the notation of the command line, except what it quotes. */
export function withOptions (message: string): string {
  return message.split(/("[^"]*")/).map((part, index) => index % 2 === 1 ? part : NOTATIONS.reduce(
    (text, [parameter, option]) => text.replace(parameter, option), part)).join('')
}

function optionName (name: string): string {
  return name.replaceAll('_', '-')
}
