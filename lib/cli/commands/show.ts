import type { DatabaseCommand } from '../command.js'
import { describeLoad, describeTransaction } from '../describe.js'

export const show: DatabaseCommand = {
  synopsis: '<load>',
  summary: 'Print one load and its transactions.',
  operands: ['load'],
  options: {},
  async run ({ service }, { operands: [load = ''] }) {
    const details = await service.getLoad(load)
    return { json: details, lines: [describeLoad(details), ...details.transactions.map(describeTransaction)] }
  }
}
