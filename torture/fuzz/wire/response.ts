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
  const read = method === 'HEAD' ? { body: Buffer.of(), rest } : readBody(headers, rest, isEnded)
  return read && { response: { status: Number(status), headers, body: read.body.toString('utf8') }, rest: read.rest }
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

/** Returns a body and what follows it, or `undefined` if the body is incomplete. */
function readBody (
  headers: ReadonlyMap<string, readonly string[]>, stream: Buffer, isEnded: boolean
): { readonly body: Buffer, readonly rest: Buffer } | undefined {
  const [length, ...others] = headers.get('content-length') ?? []
  const encoding = headers.get('transfer-encoding')
  if (encoding?.join() === 'chunked' && length === undefined) return readChunks(stream)
  if (others.length > 0 || encoding !== undefined) throw new MalformedResponseError('ambiguous length of the body')
  // Without a length, the body ends with the connection.
  if (length === undefined) return isEnded ? { body: stream, rest: Buffer.of() } : undefined
  const end = Number(length)
  return stream.length < end ? undefined : { body: stream.subarray(0, end), rest: stream.subarray(end) }
}

function readChunks (stream: Buffer): { readonly body: Buffer, readonly rest: Buffer } | undefined {
  const chunks: Buffer[] = []
  for (let position = 0; ;) {
    const endOfSize = stream.indexOf('\r\n', position)
    if (endOfSize === -1) return undefined
    const size = stream.toString('latin1', position, endOfSize)
    if (!/^[0-9a-f]+$/.test(size)) throw new MalformedResponseError(`malformed size of a chunk ${JSON.stringify(size)}`)
    const begin = endOfSize + 2
    const end = begin + Number.parseInt(size, 16)
    if (stream.length < end + 2) return undefined
    if (stream.toString('latin1', end, end + 2) !== '\r\n') throw new MalformedResponseError('a chunk is longer than its size')
    if (end === begin) return { body: Buffer.concat(chunks), rest: stream.subarray(end + 2) }
    chunks.push(stream.subarray(begin, end))
    position = end + 2
  }
}

export function wantsClose ({ headers }: WireResponse): boolean {
  return headers.get('connection')?.some(value => value.toLowerCase() === 'close') === true
}
