import type { Readable } from 'node:stream'
import { OverloadedError } from '../errors.js'
import { MAX_FILE_BYTES } from '../import/decode.js'
import { MAX_PARAMETERS_LENGTH } from './body-size.js'
import { BodyTooLargeError, ClientGoneError } from './errors.js'

/** Maximum count of bytes in memory of the bodies that one {@link HeldBodies} counts: two of the largest ones. */
const MAX_HELD_BYTES = 2 * MAX_FILE_BYTES

/** What a piece of a body takes in addition to its bytes. */
const PIECE_BYTES = 128

/** Limits the memory of all large bodies together that have arrived, and whose calls have not ended. */
export class HeldBodies {
  #free: number

  constructor (maxBytes = MAX_HELD_BYTES) {
    this.#free = maxBytes
  }

  /**
   * Receives a body, and keeps it until the task has ended. Bodies of 64 KiB are not counted, nor that much of larger ones.
   * @throws BodyTooLargeError, ClientGoneError; OverloadedError if the other bodies leave too little memory
   */
  async hold<Result> (payload: Readable, task: (content: Buffer) => Promise<Result>): Promise<Result> {
    const pieces: Buffer[] = []
    let [size, taken] = [0, 0]
    try {
      for await (const piece of piecesOf(payload)) {
        size += piece.length
        if (size > MAX_FILE_BYTES) throw new BodyTooLargeError()
        pieces.push(piece)
        const due = Math.max(0, size + pieces.length * PIECE_BYTES - MAX_PARAMETERS_LENGTH) - taken
        if (due > this.#free) throw new OverloadedError('too many large bodies are in memory')
        this.#free -= due
        taken += due
      }
      return await task(Buffer.concat(pieces.splice(0), size))
    } finally {
      this.#free += taken
    }
  }

  /** As {@link hold}, until the end of something else. */
  async receive (payload: Readable, end: Promise<void> | undefined): Promise<Buffer> {
    return await new Promise((resolve, reject) => {
      this.hold(payload, async content => {
        resolve(content)
        await end
      }).catch(reject)
    })
  }
}

async function* piecesOf (payload: Readable): AsyncGenerator<Buffer, undefined> {
  try {
    // The reply to a body that is not read to its end still needs the connection.
    for await (const piece of payload.iterator({ destroyOnReturn: false })) yield copyOf(piece as string | Uint8Array)
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'ECONNRESET' ? new ClientGoneError() : error
  }
}

/** Returns bytes apart from the buffer of the socket; a hook of the host may also pass text. */
function copyOf (piece: string | Uint8Array): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece)
}
