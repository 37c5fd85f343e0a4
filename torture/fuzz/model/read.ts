import type { WireRequest } from '../wire/request.js'
import { membersOf } from './json.js'
import type { Value } from './value.js'

/** The parameters of a request before any check: by name, every value in its order. */
export interface RawParameters {
  readonly values: ReadonlyMap<string, readonly Value[]>
  /** The body cannot be read as parameters. */
  readonly isBodyBroken: boolean
}

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

/** Returns the media type without its parameters, in lower case. */
export function mediaTypeOf ({ headers }: WireRequest): string {
  const header = headers.find(([name]) => name.toLowerCase() === 'content-type')
  return (header?.[1] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

export function isReadableType (mediaType: string): boolean {
  return mediaType === FORM || mediaType === JSON_TYPE
}

/** Returns the body that the endpoint reads: it ignores that of a GET. */
export function bodyOf ({ method, framing, body }: WireRequest): Buffer {
  return method === 'GET' || framing === 'none' ? Buffer.alloc(0) : body
}

/** Returns the parameters of query and body. The body must be empty or have a readable media type. */
export function readRawParameters (request: WireRequest): RawParameters {
  const values = new Map<string, Value[]>()
  const add = (name: string, value: Value): void => { values.set(name, [...values.get(name) ?? [], value]) }

  const [, ...query] = request.target.split(/([?#])/)
  readForm(Buffer.from(query.slice(1).join(''), 'latin1')).forEach(([name, value]) => { add(name, value) })

  const body = bodyOf(request)
  if (body.length === 0) return { values, isBodyBroken: false }
  const text = utf8(withoutByteOrderMark(body))
  if (text === undefined) return { values, isBodyBroken: true }
  const pairs = mediaTypeOf(request) === FORM ? readForm(Buffer.from(text)) : membersOf(text)
  pairs?.forEach(([name, value]) => { add(name, value) })
  return { values, isBodyBroken: pairs === undefined }
}

function withoutByteOrderMark (bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(Buffer.from('\ufeff')) ? bytes.subarray(3) : bytes
}

function readForm (bytes: Buffer): Array<[name: string, value: Value]> {
  const pairs: Array<[string, Value]> = []
  for (const pair of bytes.toString('latin1').split('&').flatMap(part => part.split(';'))) {
    const [name = '', ...value] = pair.split('=')
    const decodedName = percentDecoded(name)
    const text = percentDecoded(value.join('='))
    if (decodedName === undefined || decodedName === '') continue
    pairs.push([decodedName, text === undefined ? { kind: 'other' } : { kind: 'text', text }])
  }
  return pairs
}

/** Decodes byte by byte. Returns `undefined` for a % without two hexadecimal digits, and for bytes that are not UTF-8. */
function percentDecoded (text: string): string | undefined {
  const bytes: number[] = []
  for (let position = 0; position < text.length; position++) {
    const character = text.charAt(position)
    if (character === '%') {
      const digits = text.slice(position + 1, position + 3)
      if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return undefined
      bytes.push(Number.parseInt(digits, 16))
      position += 2
    } else {
      bytes.push(character === '+' ? 0x20 : character.charCodeAt(0))
    }
  }
  return utf8(Buffer.from(bytes))
}

function utf8 (bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
