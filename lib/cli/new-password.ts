import { InvalidPersonError } from '../errors.js'
import { assertPassword } from '../people/administration.js'
import { UsageError } from './command.js'
import { prompt } from './prompt.js'
import type { Terminal } from './terminal.js'

/** More bytes than any password has, but too few to exhaust the memory. */
const MAX_INPUT_BYTES = 4096

/**
 * Returns a new password. At a terminal, it is prompted for twice and not shown. If standard input is not a terminal, the
 * password is the whole input.
 * @throws InvalidPersonError, UsageError, InterruptedError
 */
export async function readNewPassword (terminal: Terminal, username: string): Promise<string> {
  if (terminal.stdin.isTTY !== true) return await readInput(terminal)
  return await prompt(terminal, 'hidden', async ask => {
    const password = await ask(`New password for ${username}: `)
    assertPassword(password)
    if (await ask('Repeat the password: ') !== password) throw new InvalidPersonError('the two passwords differ')
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
  if (length === 0) throw new UsageError('the password is missing: type it at a terminal, or send it to standard input')
  return decode(Buffer.concat(chunks)).replace(/\r?\n$/, '')
}

function decode (bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new InvalidPersonError('the password must be UTF-8')
  }
}
