import { CREATE_PARAMETER_NAMES, CreateParameters } from '../../schema/parameters.js'
import { interpretParameters } from '../../wire/interpret-parameters.js'
import type { Command } from '../command.js'

// A quote is a charged call that only validates.
const IMPLIED = { charge_customer: '1', validation: '1' }

const QUOTED_NAMES = CREATE_PARAMETER_NAMES.filter(name => !(name in IMPLIED))

export const quote: Command = {
  synopsis: '--start <digits> --class <id> --ingroup <id> --customer <id> [--end <digits>] [...]',
  summary: 'Say what a load would charge, payer by payer, and add nothing.',
  operands: [],
  options: Object.fromEntries(QUOTED_NAMES.map(name => (
    [name, { type: 'string' as const, help: String(CreateParameters.properties[name].description) }]))),
  async run ({ service, person }, { options }) {
    const values = Object.entries({ ...options, ...IMPLIED }).map(
      ([name, text]) => [name, { kind: 'text' as const, text }] as const)
    const draft = interpretParameters({ values: new Map(values), repeated: new Set() })
    const { charges } = await service.createFrom(draft, { person, source: null })
    return {
      json: charges,
      lines: charges.map(({ customer, name, quantity, unitPrice, amount }) => (
        `customer ${customer} (${name}) would pay ${quantity} x ${unitPrice} = ${amount}`))
    }
  }
}
