import { CreateParameters } from '../../parameters/create.js'
import type { DatabaseCommand } from '../command.js'
import { describeCharge } from '../describe.js'
import { parseOptions, optionFor, parameterOptions } from '../parameters.js'

// A quote is a charged load that is only validated.
const IMPLIED = ['charge_customer', 'validation'] as const

const QUOTED_NAMES = Object.keys(CreateParameters.properties).filter(name => !(IMPLIED as readonly string[]).includes(name))

export const quote: DatabaseCommand = {
  synopsis: '--start <digits> --class <id> --ingroup <id> --customer <id> [--end <digits>] [...]',
  summary: 'Print what a load would charge each payer, and add nothing.',
  operands: [],
  options: { ...parameterOptions(QUOTED_NAMES), customer: { ...optionFor('customer'), isRequired: true } },
  async run ({ service, person }, { options }) {
    const { charges } = await service.createParsed(parseOptions(options, IMPLIED), { person, source: null })
    return { json: charges, lines: charges.map(charge => describeCharge(charge, 'would pay')) }
  }
}
