/**
 * The attributes that a load gives to each of its numbers: columns that loads, numbers and the records of changes share. Every
 * statement that writes or compares these columns takes them from here, and so does the function for loads of one number
 * (`001-schema.sql`).
 */
export const ATTRIBUTE_NAMES = ['class', 'ingroup', 'customer', 'region', 'stype'] as const

export type Attribute = typeof ATTRIBUTE_NAMES[number]

/** The attributes as they are stored; `null` for none. */
export interface Attributes extends Readonly<Record<Attribute, number | string | null>> {
  readonly class: number
  readonly ingroup: number
  readonly customer: number | null
  readonly region: number | null
  readonly stype: string
}

/** Their types in PostgreSQL. */
export const ATTRIBUTE_TYPES = {
  class: 'integer', ingroup: 'integer', customer: 'integer', region: 'integer', stype: 'text'
} as const satisfies Record<Attribute, 'integer' | 'text'>

/** Columns that have the same values in many loads of one client. */
const COMMON_TYPES = { person: 'text', source: 'text', ...ATTRIBUTE_TYPES, charge_customer: 'boolean' } as const

/** Columns whose values differ from load to load. */
const OWN_TYPES = { request_id: 'text', start: 'text', end: 'text', count: 'integer', alias: 'text' } as const

const LOAD_TYPES = { ...COMMON_TYPES, ...OWN_TYPES } as const

type Row<Column extends string> = Readonly<Record<Column, unknown>>

/** The values of a load by its columns: those that many loads have in common, and its own. */
export interface LoadRow {
  readonly common: Row<keyof typeof COMMON_TYPES>
  readonly own: Row<keyof typeof OWN_TYPES>
}

const listed = (columns: readonly string[]): string => columns.map(column => column === 'end' ? '"end"' : column).join(', ')

const bound = (types: Readonly<Record<string, string>>): string => (
  Object.entries(types).map(([name, type]) => `:${name}::${type}`).join(', ')
)

const defined = (types: Readonly<Record<string, string>>): string => (
  Object.entries(types).map(([name, type]) => `${listed([name])} ${type}`).join(', ')
)

/** The attributes for a statement. */
export const ATTRIBUTES = listed(ATTRIBUTE_NAMES)

/** All columns of a number except the number itself and its alias. */
export const NUMBER_COLUMNS = `${ATTRIBUTES}, load`

/** The attributes as values. */
export const ATTRIBUTE_VALUES = bound(ATTRIBUTE_TYPES)

/** The columns of `loads` that have the values of a load. */
export const LOAD_COLUMNS = listed(Object.keys(LOAD_TYPES))

/** Those that many loads have in common with their types, as the definition of a row. */
export const COMMON_DEFINITIONS = defined(COMMON_TYPES)

/** The others in the same way. */
export const OWN_DEFINITIONS = defined(OWN_TYPES)

/** All of them as values. */
export const LOAD_VALUES = bound(LOAD_TYPES)

/**
 * SQL for whether the references of a load hold. The look-ups are compared sub-selects rather than EXISTS, because for several
 * loads the planner would turn EXISTS into joins and scan a large table for a few rows.
 */
export function referencesHold (valueOf: (attribute: Attribute) => string): string {
  const [numberClass, ingroup, customer, region] = [valueOf('class'), valueOf('ingroup'), valueOf('customer'), valueOf('region')]
  return `(select id from :"schema".classes where id = ${numberClass}
        and (classes.customer is null or ${customer} is null or classes.customer = ${customer})) is not null
      and (select id from :"schema".ingroups where id = ${ingroup}) is not null
      and (${customer} is null or (select id from :"schema".customers where id = ${customer}) is not null)
      and (${region} is null or (select id from :"schema".regions where id = ${region}) is not null)`
}

/** The same for the values. */
export const REFERENCES_OF_VALUES_HOLD = referencesHold(attribute => `:${attribute}::${ATTRIBUTE_TYPES[attribute]}`)
