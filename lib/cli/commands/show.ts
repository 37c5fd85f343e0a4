import type { DatabaseCommand } from '../command.js'
import { describeChange, describeLoad, describeLoadRanges, describeRuns, describeTransaction } from '../describe.js'

export const show: DatabaseCommand = {
  synopsis: '<load or change>',
  summary: 'Print one load or change, its ranges and its transactions. The ranges of a change show the former state of its numbers.',
  operands: ['load or change'],
  options: {},
  async run ({ service }, { operands: [id = ''] }) {
    const record = await service.getRecord(id)
    const lines = record.kind === 'load'
      ? [describeLoad(record), ...describeLoadRanges(record)]
      : [describeChange(record), ...describeRuns(record)]
    return { json: record, lines: [...lines, ...record.transactions.map(describeTransaction)] }
  }
}
