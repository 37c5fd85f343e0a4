import { setImmediate as nextTurn } from 'node:timers/promises'
import { FileTooLargeError } from '../errors.js'

/** The bytes or the text of a file: whole, or in pieces as they arrive. */
export type FileSource = string | Uint8Array | AsyncIterable<string | Uint8Array>

/** Maximum count of bytes of a file (contract: "import"). */
export const MAX_FILE_BYTES = 33_554_432

/** The bytes on `line` are not text in the encoding. */
export class EncodingError extends Error {
  readonly line: number

  constructor (line: number) {
    super('the file is not UTF-8')
    this.line = line
  }
}

/** Characters or bytes that are processed at a time. */
const PIECE_LENGTH = 65_536

/** The end-of-file mark of CP/M, which later programs kept. */
const END_OF_FILE = '\x1A'

export type Encoding = 'utf-8' | 'latin1'

/**
 * Decodes a file in pieces of limited length, without a byte order mark and the 0x1A with which old systems end a file, and
 * with a line feed for every CR LF.
 * @throws EncodingError, FileTooLargeError
 */
export async function* decode (source: FileSource, encoding: Encoding): AsyncGenerator<string, undefined> {
  let isFirst = true
  // A character whose meaning depends on the next one, which is in the next piece.
  let rest = ''
  for await (const decoded of decodePieces(source, encoding)) {
    const text: string = rest + (isFirst ? decoded.replace(/^\uFEFF/, '') : decoded)
    isFirst &&= text === ''
    rest = text.endsWith('\r') || text.endsWith(END_OF_FILE) ? text.slice(-1) : ''
    yield text.slice(0, text.length - rest.length).replaceAll('\r\n', '\n')
  }
  yield rest === END_OF_FILE ? '' : rest
}

async function* decodePieces (source: FileSource, encoding: Encoding): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let size = 0
  let line = 1
  for await (const piece of piecesOf(source)) {
    size += Buffer.byteLength(piece)
    if (size > MAX_FILE_BYTES) throw new FileTooLargeError(MAX_FILE_BYTES / 1_048_576)
    if (typeof piece === 'string') {
      yield piece
      continue
    }
    const text = decodeOrThrow(() => decoder.decode(piece, { stream: true }), () => line + linesBeforeFault(piece))
    line += linesIn(text)
    yield text
  }
  yield decodeOrThrow(() => decoder.decode(), () => line)
}

function decodeOrThrow (decode: () => string, lineOfFault: () => number): string {
  try {
    return decode()
  } catch {
    throw new EncodingError(lineOfFault())
  }
}

/** Returns how many lines of a piece end before the bytes that cannot be decoded, which may begin in the previous piece. */
function linesBeforeFault (piece: Uint8Array): number {
  const text = new TextDecoder().decode(piece)
  return linesIn(text.slice(0, Math.max(0, text.indexOf('\uFFFD'))))
}

function linesIn (text: string): number {
  let count = 0
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) count++
  return count
}

async function* piecesOf (source: FileSource): AsyncGenerator<string | Uint8Array, undefined> {
  for await (const piece of typeof source === 'string' || source instanceof Uint8Array ? [source] : source) {
    for (let start = 0; start < piece.length; start += PIECE_LENGTH) {
      yield piece.slice(start, start + PIECE_LENGTH)
      // Other calls get their turns while a file that is already in memory is read.
      await nextTurn()
    }
  }
}
