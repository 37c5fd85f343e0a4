import type { Encoding } from './decode.js'

// As in the decoding of a file. Without it, Node.js 20 decodes the bytes from 80 to 9F as control characters.
const STREAM = { stream: true }

/** The characters of `latin1`, which is decoded as Windows-1252: its bytes from 80 to 9F are letters and quotes. */
const CHARACTERS = new TextDecoder('latin1').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte), STREAM)
const BYTES = new Map(Array.from(CHARACTERS, (character, byte) => [character, byte]))

const QUESTION_MARK = 0x3F

/** Returns the bytes of a text, with a question mark for each character that the encoding lacks. */
export function encode (text: string, encoding: Encoding): Buffer {
  return encoding === 'utf-8' ? Buffer.from(text) : Buffer.from(Array.from(text, character => BYTES.get(character) ?? QUESTION_MARK))
}
