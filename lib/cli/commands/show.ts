import type { DatabaseCommand } from '../command.js'
import { describeLoad, describeLoadRanges, describeTransaction } from '../describe.js'

export const show: DatabaseCommand = {
  synopsis: '<load>',
  summary: 'Print one load, its ranges and its transactions.',
  operands: ['load'],
  options: {},
  async run ({ service }, { operands: [load = ''] }) {
    const details = await service.getLoad(load)
    const lines = [describeLoad(details), ...describeLoadRanges(details), ...details.transactions.map(describeTransaction)]
    return { json: details, lines }
  }
}
