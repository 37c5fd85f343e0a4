/** A request as it goes over the wire. Strings hold one byte a character (latin1). */
export interface WireRequest {
  readonly method: string
  readonly target: string
  readonly version: '1.0' | '1.1'
  /** What stands beside Host and the header that frames the body. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Buffer
  /** How the end of the body is told; a body that is framed as `none` is not sent. */
  readonly framing: 'none' | 'length' | 'chunked'
}

const CHUNK = 4_096

/** Request line and headers. */
export function headOf ({ method, target, version, headers, body, framing }: WireRequest): Buffer {
  const lines = [`${method} ${target} HTTP/${version}`, 'Host: localhost', ...headers.map(([name, value]) => `${name}: ${value}`)]
  if (framing === 'length') lines.push(`Content-Length: ${body.length}`)
  if (framing === 'chunked') lines.push('Transfer-Encoding: chunked')
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** What follows the headers, whole. */
export function framedBodyOf ({ body, framing }: WireRequest): Buffer {
  if (framing === 'none') return Buffer.alloc(0)
  return framing === 'length' ? body : chunked(body)
}

function chunked (body: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let position = 0; position < body.length; position += CHUNK) {
    const chunk = body.subarray(position, position + CHUNK)
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}

/** All bytes of a request. */
export function bytesOf (request: WireRequest): Buffer {
  return Buffer.concat([headOf(request), framedBodyOf(request)])
}

const LONGEST_SHOWN = 6_000

/** The bytes in a form that a shell can send again: printf '…' | nc host port. */
export function replayOf (bytes: Buffer): string {
  const shown = bytes.subarray(0, LONGEST_SHOWN).toString('latin1').replace(/[^ -~]|[\\%']/g, character => (
    `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`))
  return `printf '${shown}'${bytes.length > LONGEST_SHOWN ? ` # the first of ${bytes.length} bytes` : ''}`
}
