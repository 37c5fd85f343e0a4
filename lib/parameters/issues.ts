import type { Issue } from '../errors.js'

/** The issues of the parameters of a call: at most one for each parameter, the first that was found. */
export class Issues {
  readonly #order: readonly string[]
  readonly #messages = new Map<string, string>()

  /** `order` has the names of the parameter table, in its order. */
  constructor (order: readonly string[]) {
    this.#order = ['', 'auth_username', 'auth_password', ...order]
  }

  get isEmpty (): boolean {
    return this.#messages.size === 0
  }

  has (key: string): boolean {
    return this.#messages.has(key)
  }

  /** Adds an issue; an empty `key` means the body as a whole. */
  add (key: string, message: string): void {
    if (!this.has(key)) this.#messages.set(key, message)
  }

  /** Returns the issues in the order of the parameter table; those of other names follow in the order in which they were sent. */
  list (): Issue[] {
    return [...new Set([...this.#order, ...this.#messages.keys()])].flatMap(key => {
      const message = this.#messages.get(key)
      return message === undefined ? [] : [{ key, message }]
    })
  }
}
