import { selectNumbers } from '../../listing/selection.js'
import { ListParameters, ListRequest } from '../../parameters/list.js'
import { parseTextParameters } from '../../parameters/from-text.js'
import type { NumberRecord } from '../../repository/list-numbers.js'
import type { Arguments, DatabaseCommand, Option } from '../command.js'
import { CSV_COLUMNS, describeNumber, toCsv } from '../describe-number.js'

const FLAGS = new Set(['assigned', 'free', 'count'])
const NOT_OFFERED = new Set(['directory', 'pages'])

/** The parameters of the endpoint as options. */
const OPTIONS: Readonly<Record<string, Option>> = Object.fromEntries(Object.entries(ListParameters.properties)
  .filter(([name]) => !NOT_OFFERED.has(name))
  .map(([name, { description }]) => [name, {
    type: FLAGS.has(name) ? 'boolean' : 'string', help: String(description).replace('Not in the specification. ', '')
  }]))

export const list: DatabaseCommand = {
  synopsis: '[--prefix <digits>] [--customer <id>] [--limit <n>] [...] [--csv]',
  summary: 'List numbers, ordered by number, or count them.',
  details: 'The options are the parameters of the endpoint list, under the same rules. Rows are printed as they are read.',
  operands: [],
  options: { ...OPTIONS, csv: { type: 'boolean', help: 'Print CSV with a header, in the columns that an import takes.' } },
  async run ({ service }, { options }) {
    const selection = selectNumbers(parseFilter(options))
    if (selection.counts) {
      const count = await service.countSelected(selection)
      return { json: { count }, lines: [String(count)] }
    }
    const numbers = service.list(selection.filter)
    return { pieces: isJson => isJson ? jsonOf(numbers) : options.csv === true ? csvOf(numbers) : linesOf(numbers) }
  }
}

/** Parses options that are parameters of the endpoint list, by its rules. */
export function parseFilter (options: Arguments['options'], implied: readonly string[] = []) {
  const values = Object.keys(ListParameters.properties).map(name => {
    const value = implied.includes(name) || (options[name] ?? '')
    return [name, { kind: 'text' as const, text: value === true ? '1' : String(value) }] as const
  })
  return parseTextParameters(ListRequest, { values: new Map(values), repeated: new Set() })
}

async function* linesOf (numbers: AsyncIterable<NumberRecord>): AsyncGenerator<string> {
  for await (const found of numbers) yield `${describeNumber(found)}\n`
}

async function* csvOf (numbers: AsyncIterable<NumberRecord>): AsyncGenerator<string> {
  yield `${CSV_COLUMNS.join()}\n`
  for await (const found of numbers) yield `${toCsv(found)}\n`
}

async function* jsonOf (numbers: AsyncIterable<NumberRecord>): AsyncGenerator<string> {
  let separator = '[\n'
  for await (const found of numbers) {
    yield `${separator}  ${JSON.stringify(found)}`
    separator = ',\n'
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n'
}
