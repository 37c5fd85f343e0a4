/** A reply as a client reads it. */
export interface WireResponse {
  readonly status: number
  /** The values by lower-case name, with every line of a repeated header. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
}

/** A reply with the rest of the stream. */
export interface ReadResponse {
  readonly response: WireResponse
  readonly rest: Buffer
}

/** The bytes are not a reply of HTTP/1.1 in the form that Node.js sends. */
export class MalformedResponseError extends Error {}

/** Reads the first reply of a stream strictly. Returns `undefined` if the reply is incomplete. */
export function readResponse (stream: Buffer, method: string, isEnded: boolean): ReadResponse | undefined {
  const endOfHead = stream.indexOf('\r\n\r\n')
  if (endOfHead === -1) return undefined
  const [statusLine = '', ...lines] = stream.subarray(0, endOfHead).toString('latin1').split('\r\n')
  const status = /^HTTP\/1\.1 ([1-5][0-9]{2}) [ -~]+$/.exec(statusLine)?.[1]
  if (status === undefined) throw new MalformedResponseError(`malformed status line ${statusLine}`)

  const headers = readHeaders(lines)
  const rest = stream.subarray(endOfHead + 4)
  const length = method === 'HEAD' ? 0 : lengthOfBody(headers, rest)
  if (length === undefined && !isEnded) return undefined
  if (length !== undefined && rest.length < length) return undefined
  const body = rest.subarray(0, length)
  return { response: { status: Number(status), headers, body: body.toString('utf8') }, rest: rest.subarray(body.length) }
}

function readHeaders (lines: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w-]+): ([ -~]*)$/.exec(line) ?? []
    if (name === '') throw new MalformedResponseError(`malformed header ${JSON.stringify(line)}`)
    headers.set(name.toLowerCase(), [...headers.get(name.toLowerCase()) ?? [], value])
  }
  return headers
}

/** Returns `undefined` for a body that ends with the connection. */
function lengthOfBody (headers: ReadonlyMap<string, readonly string[]>, rest: Buffer): number | undefined {
  const [length, ...others] = headers.get('content-length') ?? []
  const encoding = headers.get('transfer-encoding')
  // Node.js itself sends a chunked reply without a chunk if a request has no Host.
  const isEmpty = encoding?.join() === 'chunked' && length === undefined && '0\r\n\r\n'.startsWith(rest.toString('latin1', 0, 5))
  if (isEmpty) return 5
  if (others.length > 0 || encoding !== undefined) throw new MalformedResponseError('ambiguous length of the body')
  return length === undefined ? undefined : Number(length)
}

export function wantsClose ({ headers }: WireResponse): boolean {
  return headers.get('connection')?.some(value => value.toLowerCase() === 'close') === true
}
