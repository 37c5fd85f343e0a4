import { PARAMETER_NAMES, type ParameterName } from '../schema/parameters.js'

/** One invalid parameter: its wire name (empty where the body as a whole is meant) and what is wrong, for a person. */
export interface Problem {
  readonly key: ParameterName | ''
  readonly message: string
}

const ORDER: ReadonlyArray<Problem['key']> = ['', ...PARAMETER_NAMES]

/** What is wrong with a request: at most one problem a parameter, the first that was found. */
export class Problems {
  readonly #messages = new Map<Problem['key'], string>()

  get isEmpty (): boolean {
    return this.#messages.size === 0
  }

  has (key: Problem['key']): boolean {
    return this.#messages.has(key)
  }

  add (key: Problem['key'], message: string): void {
    if (!this.has(key)) this.#messages.set(key, message)
  }

  /** The problems in the order of the parameter table. */
  list (): Problem[] {
    return ORDER.flatMap(key => {
      const message = this.#messages.get(key)
      return message === undefined ? [] : [{ key, message }]
    })
  }
}
