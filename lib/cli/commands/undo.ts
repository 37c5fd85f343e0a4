import { describeCount } from '../../numbers/number-range.js'
import { UsageError, type DatabaseCommand } from '../command.js'

export const undo: DatabaseCommand = {
  synopsis: '<load> [--dry-run] [--created-at <time>]',
  summary: 'Undo a load: delete its numbers and reverse its charges.',
  operands: ['load'],
  options: {
    'dry-run': { type: 'boolean', help: 'Print what it would do, and change nothing.' },
    'created-at': { type: 'string', help: 'Undo only the load of this time, as show prints it.' }
  },
  recordsPerson: true,
  async run ({ service, person, interruptible }, { operands: [load = ''], options }) {
    const { 'dry-run': dryRun = false, 'created-at': time } = options
    const createdAt = time === undefined ? undefined : new Date(String(time))
    if (Number.isNaN(createdAt?.getTime())) throw new UsageError('--created-at must be a time as show prints it')
    const undone = await interruptible(`Undoing load ${load}`, () => (
      service.undo(load, { dryRun: dryRun === true, person, ...createdAt && { createdAt } })))
    const [deleted, refunded] = undone.dryRun ? ['would be deleted', 'would get back'] : ['deleted', 'gets back']
    return {
      json: undone,
      lines: [
        `load ${undone.id}: ${describeCount(undone.count)} ${deleted}`,
        ...undone.reversals.map(({ customer, customerName, amount }) => `customer ${customer} (${customerName}) ${refunded} ${amount}`)
      ]
    }
  }
}
