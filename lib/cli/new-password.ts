import { InvalidPersonError } from '../errors.js'
import { assertPassword } from '../people/administration.js'
import { UsageError } from './command.js'
import { prompt } from './prompt.js'
import type { Terminal } from './terminal.js'

/** Bytes; more than any password has, less than would fill the memory. */
const MAX_INPUT_BYTES = 4096

/**
 * A new password: asked for twice, without showing it, at a terminal; the whole standard input where that is none.
 * @throws InvalidPersonError, UsageError, InterruptedError
 */
export async function readNewPassword (terminal: Terminal, username: string): Promise<string> {
  if (terminal.stdin.isTTY !== true) return await readInput(terminal)
  return await prompt(terminal, 'hidden', async ask => {
    const password = await ask(`New password for ${username}: `)
    assertPassword(password)
    if (await ask('The same once more: ') !== password) throw new InvalidPersonError('the two passwords differ')
    return password
  })
}

async function readInput ({ stdin }: Terminal): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Uint8Array)
    chunks.push(bytes)
    length += bytes.length
    if (length > MAX_INPUT_BYTES) throw new UsageError('standard input is too long for a password')
  }
  if (length === 0) throw new UsageError('there is no password: type it at a terminal, or send it to standard input')
  return decode(Buffer.concat(chunks)).replace(/\r?\n$/, '')
}

function decode (bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new InvalidPersonError('the password must be UTF-8')
  }
}
