import type { Query } from '../database/database.js'
import type { NumberRange } from '../numbers/number-range.js'
import type { Attribute } from './columns.js'
import type { Actor } from './insert-load.js'

/** What an update sets, by column; `null` for none. The alias is that of the first number. */
export interface NewValues extends Partial<Record<Attribute | 'alias', number | string | null>> {
  readonly alias?: string | null
  readonly class?: number
  readonly ingroup?: number
  readonly customer?: number | null
  readonly region?: number | null
  readonly stype?: string
}

/** An update or delete of all numbers of a range. */
export interface ChangeInput {
  readonly kind: 'update' | 'delete'
  readonly numbers: NumberRange
  /** The new aliases, if the update sets any. */
  readonly aliases: NumberRange | undefined
  /** Empty for a delete. */
  readonly newValues: NewValues
}

const INSERT_CHANGE = `
  insert into :"schema".changes (kind, person, source, request_id, start, "end", count, new_values)
  values (:kind, :person, :source, :request_id, :start, :end, :count, :new_values)
  returning id`

/** Inserts the record of a change, and returns its identifier. */
export async function insertChange (
  query: Query, { kind, numbers, newValues }: ChangeInput, { person, source, requestId }: Actor
): Promise<string> {
  const { rows: [row] } = await query<{ id: string }>(INSERT_CHANGE, {
    kind, person, source, request_id: requestId, start: numbers.first, end: numbers.last, count: numbers.count,
    new_values: JSON.stringify(newValues)
  })
  return String(row?.id)
}
