import { PARAMETER_NAMES, type ParameterName } from './create.js'

/** One invalid parameter: its wire name (empty where the body as a whole is meant) and what is wrong, for a person. */
export interface Issue {
  readonly key: ParameterName | ''
  readonly message: string
}

const ORDER: ReadonlyArray<Issue['key']> = ['', ...PARAMETER_NAMES]

/** What is wrong with a request: at most one problem a parameter, the first that was found. */
export class Issues {
  readonly #messages = new Map<Issue['key'], string>()

  get isEmpty (): boolean {
    return this.#messages.size === 0
  }

  has (key: Issue['key']): boolean {
    return this.#messages.has(key)
  }

  add (key: Issue['key'], message: string): void {
    if (!this.has(key)) this.#messages.set(key, message)
  }

  /** The issues in the order of the parameter table. */
  list (): Issue[] {
    return ORDER.flatMap(key => {
      const message = this.#messages.get(key)
      return message === undefined ? [] : [{ key, message }]
    })
  }
}
