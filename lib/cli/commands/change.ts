import type { Change } from '../../changes/change.js'
import { planDelete, planUpdate, type ChangePlan } from '../../changes/plan.js'
import { describeCount, MAX_RANGE } from '../../numbers/number-range.js'
import { DeleteParameters, DeleteRequest } from '../../parameters/delete.js'
import { parseTextParameters } from '../../parameters/from-text.js'
import { UpdateParameters, UpdateRequest } from '../../parameters/update.js'
import type { ChangeInput } from '../../repository/changes.js'
import { listHolders, type Holder } from '../../repository/holders.js'
import type { Actor } from '../../repository/insert-load.js'
import { WALK_INDEXES } from '../../repository/range-sql.js'
import { findNames } from '../../repository/references.js'
import { UsageError, type Context, type DatabaseCommand, type Option, type Report } from '../command.js'
import { confirm, throwCannotAsk } from '../confirm.js'
import { describeReversal } from '../describe.js'
import { givenParameters, parameterOptions } from '../parameters.js'

/** `number` is the operand, and `shortcut` can only be 0. */
const NOT_OFFERED = ['number', 'shortcut']

const DONE = { update: 'changed', delete: 'deleted' } as const

const MAX_LISTED_HOLDERS = 5

const DETAILS = `The options are the parameters of the endpoint, under the same rules. If standard input is not a terminal, --yes is required.
Ctrl-C cancels the change, and reports whether it was cancelled in time.`

export const updateNumbers: DatabaseCommand = {
  synopsis: '<number> [--end <digits>] [--class <id>] [--customer <id>] [...] [--yes]',
  summary: 'Change one number or a range, after a preview and a confirmation.',
  details: `${DETAILS} Attributes that are not given keep their values; --alias= removes aliases.`,
  operands: ['number'],
  options: changeOptions(UpdateParameters, 'Change the numbers without asking.'),
  recordsPerson: true,
  async run (context, { operands: [number = ''], options: { yes, ...options } }) {
    const parse = (more: ValidationOption) => parseTextParameters(UpdateRequest, givenParameters({ ...options, ...more, number }))
    const plan = planUpdate(parse({}), MAX_RANGE)
    if (plan.kind !== 'invalid' && Object.keys(plan.input.newValues).length === 0) {
      throw new UsageError('nothing to change: give --class, --customer, --region, --alias, --ingroup or --stype')
    }
    return await carryOut(context, 'update', plan, yes === true, (actor, more) => context.service.updateParsed(parse(more), actor))
  }
}

export const deleteNumbers: DatabaseCommand = {
  synopsis: '<number> [--end <digits>] [--refund] [--yes]',
  summary: 'Delete one number or a range, after a preview and a confirmation.',
  details: DETAILS,
  operands: ['number'],
  options: changeOptions(DeleteParameters, 'Delete the numbers without asking.'),
  recordsPerson: true,
  async run (context, { operands: [number = ''], options: { yes, ...options } }) {
    const parse = (more: ValidationOption) => parseTextParameters(DeleteRequest, givenParameters({ ...options, ...more, number }))
    return await carryOut(context, 'delete', planDelete(parse({}), MAX_RANGE), yes === true, (actor, more) => (
      context.service.deleteParsed(parse(more), actor)))
  }
}

interface ValidationOption {
  readonly validation?: true
}

function changeOptions (table: typeof UpdateParameters | typeof DeleteParameters, yes: string): Record<string, Option> {
  const names = Object.keys(table.properties).filter(name => !NOT_OFFERED.includes(name))
  return { ...parameterOptions(names, table), yes: { type: 'boolean', help: yes } }
}

async function carryOut (
  context: Context, kind: ChangeInput['kind'], plan: ChangePlan, isConfirmed: boolean,
  call: (actor: Partial<Actor>, more: ValidationOption) => Promise<Change>
): Promise<Report> {
  const { terminal, person, interruptible } = context
  const actor = { person, source: 'command line' }
  const needsAnswer = !isConfirmed && plan.kind !== 'dry run'
  if (needsAnswer && terminal.stdin.isTTY !== true) throwCannotAsk()
  // If parameters are invalid, the service reports them together with the issues that it finds in the database.
  if (needsAnswer && plan.kind !== 'invalid') {
    await confirm(terminal, await preview(context, plan.input, await call(actor, { validation: true })))
  }
  return report(await interruptible(`${kind === 'update' ? 'Changing' : 'Deleting'} the numbers`, () => call(actor, {})), kind, context)
}

async function preview (
  { database }: Context, { kind, numbers, aliases, newValues, refund }: ChangeInput, { refunds }: Change
): Promise<string[]> {
  const { customer, region, alias, stype, ...references } = newValues
  const [holders, names] = await database.snapshot(async query => [
    await listHolders(query, numbers),
    await findNames(query, { ...references, ...customer != null && { customer }, ...region != null && { region } })
  ], WALK_INDEXES)
  return [
    `${describeCount(numbers.count)} will be ${DONE[kind]}: ${numbers.first} to ${numbers.last}`,
    ...describeHolders(holders),
    ...names.map(({ key, id, name }) => `${key} ${id} (${name})`),
    ...customer === null ? ['no customer: in the pool for any customer to buy'] : [],
    ...region === null ? ['no region'] : [],
    ...alias === null ? ['no aliases'] : [],
    ...aliases === undefined ? [] : [`aliases ${aliases.first} to ${aliases.last}`],
    ...stype === undefined ? [] : [`stype ${stype}`],
    ...refunds.map(each => describeReversal(each, false)),
    ...kind === 'delete' && refunds.length === 0 ? [refund === true ? 'no refunds: nothing was charged' : 'no refunds'] : []
  ]
}

/** Describes what the numbers are before the change. */
function describeHolders (holders: readonly Holder[]): string[] {
  const listed = holders.slice(0, MAX_LISTED_HOLDERS).map(({ class: numberClass, className, customer, customerName, count }) => (
    `now: ${count} of class ${numberClass} (${className}), ${customer === null ? 'free' : `customer ${customer} (${customerName})`}`))
  const more = holders.slice(MAX_LISTED_HOLDERS).reduce((sum, { count }) => sum + count, 0)
  return more === 0 ? listed : [...listed, `now: ${more} of other classes and customers`]
}

function report (change: Change, kind: ChangeInput['kind'], { program }: Context): Report {
  const { id, count, refunds } = change
  const line = id === null
    ? 'The input passed validation; nothing was changed.'
    : `${kind === 'update' ? 'Update' : 'Delete'} ${id}: ${describeCount(count)} ${DONE[kind]}. To undo it: ${program} undo ${id}`
  return { json: change, lines: [line, ...refunds.map(each => describeReversal(each, id === null))] }
}
