import { NotConfirmedError, UsageError } from './command.js'
import { prompt } from './prompt.js'
import type { Terminal } from './terminal.js'

/** @throws UsageError */
export function throwCannotAsk (): never {
  throw new UsageError('standard input is not a terminal, so the command cannot ask: give --yes to run it without a question')
}

/** Shows the preview of a command, and asks the operator for confirmation. */
export async function confirm (terminal: Terminal, lines: readonly string[]): Promise<void> {
  terminal.stderr.write(`${lines.join('\n  ')}\n`)
  const answer = await prompt(terminal, 'shown', ask => ask('Continue? [y/N] '))
  if (!/^\s*y(es)?\s*$/i.test(answer)) throw new NotConfirmedError('nothing was changed')
}
