import { describeCount } from '../../numbers/number-range.js'
import type { DatabaseCommand } from '../command.js'

export const undo: DatabaseCommand = {
  synopsis: '<load> [--dry-run]',
  summary: 'Undo a load: delete its numbers and reverse its charges.',
  operands: ['load'],
  options: { 'dry-run': { type: 'boolean', help: 'Print what it would do, and change nothing.' } },
  async run ({ service, person, interruptible }, { operands: [load = ''], options }) {
    const undone = await interruptible(`Undoing load ${load}`, () => service.undo(load, { dryRun: options['dry-run'] === true, person }))
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
