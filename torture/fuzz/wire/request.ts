/** A request as it is sent. Strings hold one byte a character (latin1). */
export interface WireRequest {
  readonly method: string
  readonly target: string
  readonly version: '1.0' | '1.1'
  /** The headers besides Host and the one that frames the body. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Buffer
  /** How the end of the body is marked. A body with `none` is not sent. */
  readonly framing: 'none' | 'length' | 'chunked'
}

const CHUNK_BYTES = 4_096

/** Returns request line and headers. */
export function headOf ({ method, target, version, headers, body, framing }: WireRequest): Buffer {
  const lines = [`${method} ${target} HTTP/${version}`, 'Host: localhost', ...headers.map(([name, value]) => `${name}: ${value}`)]
  if (framing === 'length') lines.push(`Content-Length: ${body.length}`)
  if (framing === 'chunked') lines.push('Transfer-Encoding: chunked')
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** Returns the framed body. */
export function framedBodyOf ({ body, framing }: WireRequest): Buffer {
  if (framing === 'none') return Buffer.alloc(0)
  return framing === 'length' ? body : chunked(body)
}

function chunked (body: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let position = 0; position < body.length; position += CHUNK_BYTES) {
    const chunk = body.subarray(position, position + CHUNK_BYTES)
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}

/** Returns all bytes of a request. */
export function bytesOf (request: WireRequest): Buffer {
  return Buffer.concat([headOf(request), framedBodyOf(request)])
}

const MAX_SHOWN_BYTES = 6_000

/** Returns a shell command that prints the bytes, to send them again: printf '…' | nc host port. */
export function replayOf (bytes: Buffer): string {
  const shown = bytes.subarray(0, MAX_SHOWN_BYTES).toString('latin1').replace(/[^ -~]|[\\%']/g, character => (
    `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`))
  return `printf '${shown}'${bytes.length > MAX_SHOWN_BYTES ? ` # the first of ${bytes.length} bytes` : ''}`
}
