import type { RawEntry, RawValue } from '../parameters/raw.js'

/** A token, or the beginning of a string. */
const TOKEN = /"|[{}[\]:,]|[^\s"{}[\]:,]+/g

/**
 * Returns the members of one flat JSON object, or `undefined` for any other text. `JSON.parse` checks the syntax, but loses
 * information that the contract needs: repeated names, and the notation of numbers (`1e3` and `1.0` are not integers here, and
 * every digit counts). So the tokens are read as well.
 */
export function readJsonObject (text: string): RawEntry[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
  } catch {
    return undefined
  }

  const entries: RawEntry[] = []
  let depth = 0
  let name: string | undefined
  let previous = ''
  for (const token of tokensOf(text)) {
    if (token === '}' || token === ']') depth--
    if (depth === 1) {
      if (previous === ':' && name !== undefined) {
        entries.push([name, readValue(token)])
        name = undefined
      } else if (token.startsWith('"')) {
        name = String(JSON.parse(token))
      }
    }
    if (token === '{' || token === '[') depth++
    previous = token
  }
  return entries
}

/** Returns the tokens of valid JSON. */
function* tokensOf (text: string): Generator<string, undefined> {
  const token = new RegExp(TOKEN)
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') token.lastIndex = endOfString(text, token.lastIndex)
    yield text.slice(match.index, token.lastIndex)
  }
}

/**
 * Returns the end of a string, or of the text if the string has none. One regular expression for the whole string would overflow
 * the stack at several megabytes.
 */
export function endOfString (text: string, start: number): number {
  const special = /["\\]/g
  special.lastIndex = start
  while (special.exec(text)?.[0] === '\\') special.lastIndex++
  return special.lastIndex || text.length
}

function readValue (token: string): RawValue {
  if (token.startsWith('"')) return { kind: 'text', text: String(JSON.parse(token)) }
  if (token === 'null') return { kind: 'json null', text: '' }
  if (token === '[') return { kind: 'json list', text: '' }
  if (token === '{') return { kind: 'json object', text: '' }
  return { kind: /^[-0-9]/.test(token) ? 'json number' : 'json boolean', text: token }
}
