import { describeCount } from '../../numbers/number-range.js'
import type { Undone } from '../../records/undo.js'
import { UsageError, type DatabaseCommand } from '../command.js'
import { describeReversal } from '../describe.js'

const DONE: Readonly<Record<Undone['kind'], string>> = { load: 'deleted', update: 'changed back', delete: 'restored' }

export const undo: DatabaseCommand = {
  synopsis: '<load or change> [--with <ids>] [--dry-run] [--created-at <time>]',
  summary: 'Undo a load: delete its numbers and reverse its charges. Or undo an update or a delete.',
  details: `If numbers of it were changed since, the refusal names the later loads and changes, which --with undoes as well:
  fastify-telco-numbers undo 17 --with 18,19`,
  operands: ['load or change'],
  options: {
    with: { type: 'string', help: 'Identifiers of loads and changes to undo in the same transaction, separated by commas.' },
    'dry-run': { type: 'boolean', help: 'Print what it would do, and change nothing.' },
    'created-at': { type: 'string', help: 'Undo only the load or change of this time, as show prints it.' }
  },
  recordsPerson: true,
  async run ({ service, person, interruptible }, { operands: [id = ''], options }) {
    const { 'dry-run': dryRun = false, 'created-at': time } = options
    const createdAt = time === undefined ? undefined : new Date(String(time))
    if (Number.isNaN(createdAt?.getTime())) throw new UsageError('--created-at must be a time as show prints it')
    const others = String(options.with ?? '').split(',').map(other => other.trim()).filter(other => other !== '')
    const undone = await interruptible(`Undoing ${[id, ...others].join(', ')}`, () => (
      service.undo(id, { dryRun: dryRun === true, person, with: others, ...createdAt && { createdAt } })))
    return { json: undone, lines: [...undone.with, undone].flatMap(each => describe(each, undone.dryRun)) }
  }
}

function describe ({ id, kind, count, reversals }: Undone, dryRun: boolean): string[] {
  return [
    `${kind} ${id}: ${describeCount(count)} ${dryRun ? 'would be ' : ''}${DONE[kind]}`,
    ...reversals.map(reversal => describeReversal(reversal, dryRun))
  ]
}
