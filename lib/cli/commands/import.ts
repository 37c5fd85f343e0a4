import { readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { InvalidParametersError, messageOf } from '../../errors.js'
import { annotate } from '../../import/annotate.js'
import type { Import, ImportedLoad } from '../../loads/import.js'
import { describeCount } from '../../numbers/number-range.js'
import { parseTextParameters } from '../../parameters/from-text.js'
import { ImportParameters, ImportRequest } from '../../parameters/import.js'
import { UsageError, type DatabaseCommand } from '../command.js'
import { confirm, throwCannotAsk } from '../confirm.js'
import { describeBounds, describeCharge } from '../describe.js'
import { givenParameters, parameterOptions } from '../parameters.js'
import { printLine, type Terminal } from '../terminal.js'
import { report } from './create.js'

const NAMES = Object.keys(ImportParameters.properties).filter(name => name !== 'csv')

/** The maximum of issues that are written to a result. */
const MAX_WRITTEN_ISSUES = 10_000

/** The maximum of issues that are printed. */
const MAX_PRINTED_ISSUES = 100

export const importFile: DatabaseCommand = {
  synopsis: '<file>|- [--class <id>] [--ingroup <id>] [--columns <roles>] [...] [--result <file>] [--yes]',
  summary: 'Add the numbers of a list or of CSV, after a preview and a confirmation.',
  details: `The options are the parameters of the endpoint, under the same rules; - is standard input, which needs --yes.
With --result, a refused file is written back with a column error, to be corrected and imported.`,
  operands: ['file'],
  options: {
    ...parameterOptions(NAMES, ImportParameters),
    result: { type: 'string', help: 'File to which the input is written, with a column error, if it is refused.' },
    yes: { type: 'boolean', help: 'Add the numbers without asking.' }
  },
  recordsPerson: true,
  role: 'server',
  async run (context, { operands: [name = ''], options: { result, yes, ...parameters } }) {
    const { service, terminal, person, interruptible } = context
    const actor = { person, source: 'command line' }
    const parsed = parseTextParameters(ImportRequest, givenParameters(parameters))
    const needsAnswer = yes !== true && parameters.validation !== true
    if (needsAnswer && (terminal.stdin.isTTY !== true || name === '-')) throwCannotAsk()
    const file = await readInput(name, terminal)
    // Only issues of the file can be written beside its rows.
    const read = await service.readImport(file, parsed, typeof result === 'string' ? MAX_WRITTEN_ISSUES : MAX_PRINTED_ISSUES)
    try {
      if (needsAnswer) {
        const checked = await service.importParsed({ ...read, parameters: { ...read.parameters, validation: true } }, actor)
        await confirm(terminal, preview(read, checked))
      }
      const imported = await interruptible('Adding the numbers', () => service.importParsed(read, actor))
      const { lines, json } = report(imported, context)
      return { lines: imported.id === null ? [...describeFile(read, imported, 'would'), ...lines] : lines, json }
    } catch (error) {
      if (!(error instanceof InvalidParametersError) || typeof result !== 'string') throw error
      const annotated = await annotate(file, read.parameters, error.issues)
      if (annotated !== undefined) {
        await writeFile(result, annotated)
        printLine(terminal, `${result} has the file with the issues in its column error`)
      }
      throw new InvalidParametersError(error.issues.slice(0, MAX_PRINTED_ISSUES))
    }
  }
}

async function readInput (name: string, { stdin }: Terminal): Promise<Buffer> {
  try {
    return name === '-' ? await buffer(stdin) : await readFile(name)
  } catch (error) {
    throw new UsageError(`cannot read ${name}: ${messageOf(error)}`)
  }
}

function preview (read: Import, checked: ImportedLoad): string[] {
  const { charges } = checked
  return [
    ...describeFile(read, checked, 'will'),
    ...charges.length === 0 ? ['no charges'] : charges.map(charge => describeCharge(charge, 'pays'))
  ]
}

function describeFile ({ file }: Import, { numbers, ranges, warnings }: ImportedLoad, verb: 'will' | 'would'): string[] {
  const [first, last] = [file.ranges[0]?.numbers.first, file.ranges.at(-1)?.numbers.last]
  return [
    `${describeCount(numbers)} ${verb} be added, in ${ranges === 1 ? `1 range: ${first} to ${last}` : describeBounds(ranges, first, last)}`,
    ...warnings.map(warning => `warning: ${warning}`)
  ]
}
