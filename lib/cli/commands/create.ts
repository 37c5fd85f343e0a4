import type { CreatedLoad } from '../../loads/create.js'
import { planLoad } from '../../loads/plan.js'
import { describeCount, MAX_RANGE } from '../../numbers/number-range.js'
import type { Charge } from '../../repository/charges.js'
import { CreateParameters } from '../../parameters/create.js'
import type { Load } from '../../repository/insert-load.js'
import { findNames } from '../../repository/references.js'
import type { Context, DatabaseCommand, Report } from '../command.js'
import { confirm, throwCannotAsk } from '../confirm.js'
import { describeCharge } from '../describe.js'
import { parseOptions, parameterOptions } from '../parameters.js'

export const create: DatabaseCommand = {
  synopsis: '--start <digits> [--end <digits>] --class <id> --ingroup <id> [...] [--yes]',
  summary: 'Add numbers, after a preview and a confirmation.',
  details: `The options are the parameters of the endpoint, under the same rules. --charge_customer is the same as --charge-customer.
If standard input is not a terminal, --yes is required. Ctrl-C cancels the load, and reports whether it was cancelled in time.`,
  operands: [],
  options: {
    ...parameterOptions(Object.keys(CreateParameters.properties)),
    yes: { type: 'boolean', help: 'Add the numbers without asking.' }
  },
  recordsPerson: true,
  role: 'server',
  async run (context, { options }) {
    const { service, terminal, person, interruptible } = context
    const actor = { person, source: 'command line' }
    const plan = planLoad(parseOptions(options), MAX_RANGE)
    const needsAnswer = options.yes !== true && options.validation !== true
    if (needsAnswer && terminal.stdin.isTTY !== true) throwCannotAsk()
    // If parameters are invalid, the service reports them together with the issues that it finds in the database.
    if (needsAnswer && plan.kind !== 'invalid') {
      const { charges } = await service.createParsed(parseOptions(options, ['validation']), actor)
      await confirm(terminal, await preview(context, plan, charges))
    }
    return report(await interruptible('Adding the numbers', () => service.createParsed(parseOptions(options), actor)), context)
  }
}

async function preview (
  { database }: Context, { parameters, numbers, aliases }: Load, charges: readonly Charge[]
): Promise<string[]> {
  const names = await database.snapshot(query => findNames(query, parameters))
  const payments = charges.map(charge => describeCharge(charge, 'pays'))
  return [
    `${describeCount(numbers.count)} will be added: ${numbers.first} to ${numbers.last}`,
    aliases === undefined ? 'no aliases' : `aliases ${aliases.first} to ${aliases.last}`,
    ...names.map(({ key, id, name }) => `${key} ${id} (${name})`),
    ...parameters.customer === 0 ? ['no customer: in the pool for any customer to buy'] : [],
    ...parameters.region === 0 ? ['no region'] : [],
    `stype ${parameters.stype}`,
    ...payments.length === 0 ? ['no charges'] : payments
  ]
}

/** Reports a load that was added, or only validated. */
export function report (created: CreatedLoad, { program }: Context): Report {
  const { id, count, charges } = created
  const lines = id === null
    ? ['The input passed validation; nothing was added.', ...charges.map(charge => describeCharge(charge, 'would pay'))]
    : [
      `Load ${id}: ${describeCount(count)} added. To undo it: ${program} undo ${id}`,
      ...charges.map(charge => describeCharge(charge, 'paid'))
    ]
  return { json: created, lines }
}
