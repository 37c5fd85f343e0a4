import { UndoRefusedError } from '../../errors.js'
import { describeCount } from '../../numbers/number-range.js'
import type { Undone, UndoResult } from '../../records/undo.js'
import { UsageError, type DatabaseCommand } from '../command.js'
import { confirm, throwCannotAsk } from '../confirm.js'
import { describeReversal } from '../describe.js'
import { printLine } from '../terminal.js'

const DONE: Readonly<Record<Undone['kind'], string>> = { load: 'deleted', update: 'changed back', delete: 'restored' }

export const undo: DatabaseCommand = {
  synopsis: '<load or change> [--with <ids>] [--dry-run] [--created-at <time>] [--yes]',
  summary: 'Undo a load: delete its numbers and reverse its charges. Or undo an update or a delete.',
  details: `Asks after a preview. If standard input is not a terminal, --yes is required. If its numbers have changed since, it is refused,
and the refusal names the later loads and changes, which --with undoes as well:
  fastify-telco-numbers undo 17 --with 18,19`,
  operands: ['load or change'],
  options: {
    with: { type: 'string', help: 'Identifiers of loads and changes to undo in the same transaction, separated by commas.' },
    'dry-run': { type: 'boolean', help: 'Print what it would do, and change nothing.' },
    yes: { type: 'boolean', help: 'Undo without asking.' },
    'created-at': { type: 'string', help: 'Undo only the load or change of this time, as show prints it.' }
  },
  recordsPerson: true,
  async run ({ service, terminal, program, person, interruptible }, { operands: [id = ''], options }) {
    const { 'dry-run': isDryRun, 'created-at': time, yes } = options
    const createdAt = time === undefined ? undefined : new Date(String(time))
    if (Number.isNaN(createdAt?.getTime())) throw new UsageError('--created-at must be a time as show prints it')
    const others = String(options.with ?? '').split(',').map(other => other.trim()).filter(other => other !== '')
    const needsAnswer = yes !== true && isDryRun !== true
    if (needsAnswer && terminal.stdin.isTTY !== true) throwCannotAsk()
    const call = (dryRun: boolean) => service.undo(id, { dryRun, person, with: others, ...createdAt && { createdAt } })
    try {
      if (needsAnswer) await confirm(terminal, describeAll(await call(true)))
      const undone = await interruptible(`Undoing ${[id, ...others].join(', ')}`, () => call(isDryRun === true))
      return { json: undone, lines: describeAll(undone) }
    } catch (error) {
      if (error instanceof UndoRefusedError && error.changedBy.length > 0) {
        const needed = new Set([...others, ...error.changedBy])
        needed.delete(id)
        printLine(terminal, error.changedByCount > error.changedBy.length
          ? `${error.changedByCount} later loads and changes prevent this: undo the latest of them first`
          : `to undo them together: ${program} undo ${id} --with ${[...needed].join()}`)
      }
      throw error
    }
  }
}

function describeAll (undone: UndoResult): string[] {
  return [...undone.with, undone].flatMap(each => describe(each, undone.dryRun))
}

function describe ({ id, kind, count, reversals }: Undone, dryRun: boolean): string[] {
  return [
    `${kind} ${id}: ${describeCount(count)} ${dryRun ? 'would be ' : ''}${DONE[kind]}`,
    ...reversals.map(reversal => describeReversal(reversal, dryRun))
  ]
}
