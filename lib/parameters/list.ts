import { Type, type Static } from '@sinclair/typebox'
import { CreateParameters } from './create.js'
import { flag, hostSchemaOf, identifier } from './schema.js'

const MAX_COUNT = 2_147_483_647

const ADDITION = 'Not in the specification. '

const { alias } = CreateParameters.properties

/** A parameter of up to 32 digits that is empty by default. */
function digits (description: string) {
  return Type.String({
    pattern: '^[0-9]{0,32}$', default: '', description, hint: 'must be 1 to 32 digits, digits only: no +, spaces or dashes'
  })
}

function count (description: string) {
  return Type.Integer({
    minimum: 0, maximum: MAX_COUNT, default: 0, description, hint: `must be a whole number from 0 to ${MAX_COUNT}, digits only`
  })
}

/**
 * The parameters of `numbers/system/list` after the credentials: those of the specification's table, in its order, and then
 * our additions.
 */
export const ListParameters = Type.Object({
  assigned: flag('1: only numbers that are assigned to a customer.'),
  class: identifier('Only numbers of this class; 0 for all.', { default: 0 }),
  directory: Type.Union([Type.Literal(0), Type.Literal(1)], {
    default: 0,
    description: 'Must be 0: numbers have no such attribute here.',
    hint: 'must be 0 or 1'
  }),
  ingroup: identifier('Only numbers of this inbound group; 0 for all.', { default: 0 }),
  search: digits('Only numbers that contain these digits.'),
  count: flag('1: returns a count instead of rows, whatever limit, offset and pages are.'),
  limit: count('Maximum count of rows; 0 for all, which are streamed.'),
  offset: count('Count of rows to skip. A page with a large offset takes longer than one with after.'),
  pages: flag('1: returns only the numbers, without their other columns.'),
  alias: Type.String({
    pattern: String(alias.pattern), default: '', description: `${ADDITION}Only the number with this alias.`, hint: String(alias.hint)
  }),
  customer: identifier(`${ADDITION}Only numbers of this customer; 0 for all.`, { default: 0 }),
  region: identifier(`${ADDITION}Only numbers of this region; 0 for all.`, { default: 0 }),
  load: Type.String({
    pattern: '^[0-9]{0,19}$',
    default: '',
    description: `${ADDITION}Only numbers of the load with this identifier.`,
    hint: 'must be the identifier of a load: up to 19 digits'
  }),
  stype: Type.Union([Type.Literal(''), Type.Literal('number'), Type.Literal('callerid')], {
    default: '',
    description: `${ADDITION}Only numbers of this type: number or callerid.`,
    hint: 'must be number or callerid'
  }),
  free: flag(`${ADDITION}1: only numbers without a customer.`),
  prefix: digits(`${ADDITION}Only numbers that begin with these digits.`),
  start: digits(`${ADDITION}First number of a range.`),
  end: digits(`${ADDITION}Last number of that range, with as many digits as start. Empty for the one number start.`),
  after: digits(`${ADDITION}Only numbers after this one, so that all pages take the same time. Excludes offset.`)
})

/** The same parameters for host code: the flags are booleans. */
export const ListRequest = hostSchemaOf(ListParameters)

export type ListRequest = Static<typeof ListRequest>

/** The filter with which host code lists or counts numbers; the names are those of the parameters, and all are optional. */
export type ListFilter = Partial<Omit<ListRequest, 'count' | 'pages' | 'directory'>>
