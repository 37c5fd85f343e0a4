import type { DatabaseCommand } from '../command.js'
import { describeNumber } from '../describe-number.js'

export const get: DatabaseCommand = {
  synopsis: '<number>',
  summary: 'Show one number: its attributes and the load that added it.',
  operands: ['number'],
  options: {},
  async run ({ service }, { operands: [number = ''] }) {
    const found = await service.get(number)
    return { json: found, lines: [describeNumber(found)] }
  }
}
