import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Issue } from '../errors.js'
import { quote } from '../numbers/notation.js'
import { valueOf } from '../parameters/from-text.js'
import { ImportRequest } from '../parameters/import.js'
import { describeInvisible } from '../parameters/invisible.js'
import { ATTRIBUTE_NAMES, type Attribute } from '../repository/columns.js'
import { cellOf, type CellIssue, type Column, type Layout } from './columns.js'

const CUSTOMER_ISSUE = 'charge_customer=1 needs a customer to charge: give customer, or charge_customer=0'

const Attributes = Type.Pick(ImportRequest, ATTRIBUTE_NAMES)

/** The attributes that all numbers of a row share. Rows with equal attributes share one object. */
export type Attributes = Readonly<Static<typeof Attributes>>

/** The issues of the attributes of a row. */
export interface InvalidAttributes {
  readonly issues: readonly CellIssue[]
}

/** Combinations of cells that are kept. */
const MAX_RECENT = 1_000

/** Attributes by the cells of a row, one after the other. A key of all cells would be a new text for each row. */
interface Recent {
  readonly next: Map<string, Recent>
  attributes?: Attributes | InvalidAttributes
}

interface AttributeColumn extends Column {
  readonly attribute: Attribute
}

/** Returns an issue for each attribute that neither a column nor a parameter gives. */
export function findMissingAttributes ({ columns }: Layout, parameters: ImportRequest): Issue[] {
  const missing = (['class', 'ingroup'] as const).filter(name => !columns.has(name) && parameters[name] === 0)
    .map(key => ({ key, message: `${key} is missing: give it as a parameter, or in a column ${key}` }))
  const lacksCustomer = parameters.charge_customer && !columns.has('customer') && parameters.customer === 0
  return lacksCustomer ? [...missing, { key: 'charge_customer', message: CUSTOMER_ISSUE }] : missing
}

/** Reads the attributes of rows; attributes without a cell, or with an empty one, get the values of the parameters. */
export class AttributeReader {
  readonly #columns: readonly AttributeColumn[]
  readonly #defaults: Attributes
  readonly #isCharged: boolean
  readonly #indexes: readonly number[]
  readonly #known = new Map<string, Attributes | InvalidAttributes>()
  readonly #recent: Recent = { next: new Map() }
  #recentCount = 0

  constructor ({ columns }: Layout, parameters: ImportRequest) {
    const { class: numberClass, ingroup, customer, region, stype, charge_customer: isCharged } = parameters
    this.#columns = ATTRIBUTE_NAMES.flatMap(attribute => {
      const column = columns.get(attribute)
      return column === undefined ? [] : [{ attribute, ...column }]
    })
    this.#indexes = this.#columns.flatMap(({ indexes }) => indexes)
    this.#defaults = { class: numberClass, ingroup, customer, region, stype }
    this.#isCharged = isCharged
  }

  read (cells: readonly string[]): Attributes | InvalidAttributes {
    let recent = this.#recent
    for (const index of this.#indexes) {
      const cell = cells[index] ?? ''
      let next = recent.next.get(cell)
      if (next === undefined) {
        next = { next: new Map() }
        recent.next.set(cell, next)
      }
      recent = next
    }
    const { attributes = this.#find(cells) } = recent
    recent.attributes = attributes
    return attributes
  }

  /** Finds attributes by their texts: the cells may differ in spaces. */
  #find (cells: readonly string[]): Attributes | InvalidAttributes {
    if (++this.#recentCount > MAX_RECENT) {
      this.#recent.next.clear()
      this.#recentCount = 0
    }
    const texts = this.#columns.map(column => cellOf(column, cells))
    // The lengths separate the contents of different cells, as JSON would, with less work.
    const key = texts.map(text => `${text.length} ${text}`).join('')
    const known = this.#known.get(key) ?? this.#parse(texts)
    this.#known.set(key, known)
    return known
  }

  #parse (texts: readonly string[]): Attributes | InvalidAttributes {
    const attributes: Record<string, unknown> = { ...this.#defaults }
    const issues = ATTRIBUTE_NAMES.flatMap(attribute => {
      const position = this.#columns.findIndex(column => column.attribute === attribute)
      const text = texts[position] ?? ''
      if (text !== '') attributes[attribute] = valueOf(Attributes.properties[attribute], text)
      const issue = this.#describeFault(attribute, text, attributes[attribute])
      return issue === undefined ? [] : [{ column: this.#columns[position]?.name, issue }]
    })
    return issues.length === 0 && Value.Check(Attributes, attributes) ? attributes : { issues }
  }

  #describeFault (attribute: Attribute, text: string, value: unknown): string | undefined {
    const schema = Attributes.properties[attribute]
    if (!Value.Check(schema, value)) return `${quote(text)} ${String(schema.hint)}${describeInvisible(text)}`
    if (value !== 0) return undefined
    if (attribute === 'class' || attribute === 'ingroup') return `the ${attribute} is missing, here and as a parameter`
    return attribute === 'customer' && this.#isCharged ? CUSTOMER_ISSUE : undefined
  }
}
