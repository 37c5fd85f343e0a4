import type { Value } from './value.js'

/** Returns the members of a JSON object, in their order and with repetitions, or `undefined` for any other text. */
export function membersOf (text: string): Array<[name: string, value: Value]> | undefined {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  const reader = new Reader(text)
  return reader.peek() === '{' ? reader.object() : undefined
}

/** Reads one object of a text that is valid JSON, character by character. */
class Reader {
  readonly #text: string
  #position = 0

  constructor (text: string) {
    this.#text = text
  }

  peek (): string {
    while (' \t\r\n'.includes(this.#character())) this.#position++
    return this.#character()
  }

  object (): Array<[string, Value]> {
    const members: Array<[string, Value]> = []
    this.#take('{')
    while (this.peek() !== '}') {
      if (this.peek() === ',') this.#take(',')
      this.peek()
      const name = this.#string()
      this.peek()
      this.#take(':')
      members.push([name, this.#value()])
    }
    return members
  }

  #value (): Value {
    const first = this.peek()
    if (first === '"') return { kind: 'text', text: this.#string() }
    if (first === '{' || first === '[') {
      this.#skipNested()
      return { kind: 'other' }
    }
    const from = this.#position
    while (!' \t\r\n,}'.includes(this.#character())) this.#position++
    const literal = this.#text.slice(from, this.#position)
    if (literal === 'null') return { kind: 'null' }
    if (literal === 'true' || literal === 'false') return { kind: 'boolean', digit: literal === 'true' ? '1' : '0' }
    return { kind: 'number', literal }
  }

  #string (): string {
    const from = this.#position
    this.#take('"')
    while (this.#character() !== '"') this.#position += this.#character() === '\\' ? 2 : 1
    this.#take('"')
    return JSON.parse(this.#text.slice(from, this.#position)) as string
  }

  #skipNested (): void {
    let depth = 0
    do {
      const character = this.#character()
      if (character === '"') {
        this.#string()
        continue
      }
      if (character === '{' || character === '[') depth++
      if (character === '}' || character === ']') depth--
      this.#position++
    } while (depth > 0)
  }

  #character (): string {
    const character = this.#text[this.#position]
    if (character === undefined) throw new Error('unexpected end of the text')
    return character
  }

  #take (expected: string): void {
    if (this.#character() !== expected) throw new Error(`${expected} expected at ${this.#position}`)
    this.#position++
  }
}
