import type { RawEntry, RawValue } from '../parameters/raw.js'
import { endOfString, findLongestString } from './body-size.js'
import { BodyTooLargeError } from './errors.js'

/** A token, or the beginning of a string. */
const TOKEN = /"|[{}[\]:,]|[^\s"{}[\]:,]+/g

/**
 * Returns the members of one flat JSON object, or `undefined` for any other text. `JSON.parse` checks the syntax, but loses
 * information that the contract needs: repeated names, and the notation of numbers (`1e3` and `1.0` are not integers here, and
 * every digit counts). So the tokens are read as well.
 * @throws BodyTooLargeError
 */
export function readJsonObject (text: string): RawEntry[] | undefined {
  const longest = findLongestString(text)
  if (longest === undefined) throw new BodyTooLargeError()
  // The longest string may be a file. It is parsed once, and the rest without it.
  const { begin, end } = longest
  const rest = begin === end ? text : `${text.slice(0, begin)}""${text.slice(end)}`
  let file: string
  try {
    const parsed: unknown = JSON.parse(rest)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
    file = begin === end ? '' : String(JSON.parse(text.slice(begin, end)))
  } catch {
    return undefined
  }

  const entries: RawEntry[] = []
  let depth = 0
  let name: string | undefined
  let previous = ''
  for (const [index, token] of tokensOf(rest)) {
    if (token === '}' || token === ']') depth--
    if (depth === 1) {
      const string = token.startsWith('"') ? index === begin ? file : String(JSON.parse(token)) : undefined
      if (previous === ':' && name !== undefined) {
        entries.push([name, string === undefined ? readValue(token) : { kind: 'text', text: string }])
        name = undefined
      } else if (string !== undefined) {
        name = string
      }
    }
    if (token === '{' || token === '[') depth++
    previous = token
  }
  return entries
}

/** Returns the tokens of valid JSON, and where they begin. */
function* tokensOf (text: string): Generator<[index: number, token: string], undefined> {
  const token = new RegExp(TOKEN)
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') token.lastIndex = endOfString(text, token.lastIndex)
    yield [match.index, text.slice(match.index, token.lastIndex)]
  }
}

function readValue (token: string): RawValue {
  if (token === 'null') return { kind: 'json null', text: '' }
  if (token === '[') return { kind: 'json list', text: '' }
  if (token === '{') return { kind: 'json object', text: '' }
  return { kind: /^[-0-9]/.test(token) ? 'json number' : 'json boolean', text: token }
}
