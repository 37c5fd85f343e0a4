import { UsageError, type DatabaseCommand } from '../command.js'
import { describeLoad } from '../describe.js'

export const loads: DatabaseCommand = {
  synopsis: '[--limit <n>] [--before <load>]',
  summary: 'List the recent loads, the latest first.',
  operands: [],
  options: {
    limit: { type: 'string', help: 'Number of loads to list, 20 by default.' },
    before: { type: 'string', help: 'List only loads before this one.' }
  },
  async run ({ service }, { options: { limit, before } }) {
    const found = await service.listLoads({
      ...typeof limit === 'string' && { limit: Number(wholeNumber('--limit', limit)) },
      ...typeof before === 'string' && { before: wholeNumber('--before', before) }
    })
    return { json: found, lines: found.length === 0 ? ['There are no loads.'] : found.map(describeLoad) }
  }
}

function wholeNumber (option: string, text: string): string {
  if (!/^[0-9]{1,19}$/.test(text)) throw new UsageError(`${option} must be a whole number`)
  return text
}
