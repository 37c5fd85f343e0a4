import type { Undone } from '../model/undo.js'
import type { WireResponse } from '../wire/response.js'

/** Returns how the reply to an undo differs from the model, or `undefined`. */
export function findUndoViolation (undone: Undone, { status, body }: WireResponse, ids: string): string | undefined {
  const expected = 'refusal' in undone ? undone.refusal : 'undone'
  const found = status === 200 ? 'undone' : /"code":"(\w+)"/.exec(body)?.[1] ?? `HTTP status ${status}`
  return found === expected ? undefined : `the undo of ${ids} is ${found}, not ${expected}: ${body.slice(0, 300)}`
}
