import { isStorable } from '../database/text.js'
import { InvalidArgumentError } from '../errors.js'
import type { Actor } from '../repository/insert-load.js'

/** Returns an actor whose missing parts are `null`. */
export function actorOf ({ person = null, source = null, requestId = null }: Partial<Actor>): Actor {
  const actor = { person, source, requestId }
  for (const [name, text] of Object.entries(actor)) assertStorable(name, text)
  return actor
}

/** @throws InvalidArgumentError for a value of a host that is not text, or that PostgreSQL cannot store */
export function assertStorable (name: string, value: unknown): void {
  if (value !== null && (typeof value !== 'string' || !isStorable(value))) throw new InvalidArgumentError(`${name} must be text without NUL characters`)
}
