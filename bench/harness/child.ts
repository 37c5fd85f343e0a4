import { fork, type ChildProcess, type ForkOptions } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Starts a file of bench/processes/ as a separate process. */
export function startChild (file: string, options: ForkOptions = {}): ChildProcess {
  return fork(fileURLToPath(new URL(`../processes/${file}`, import.meta.url)), options)
}

/** Returns the next message of a process, and fails if the process ends first. */
export async function nextMessage<Message> (child: ChildProcess): Promise<Message> {
  const settled = new AbortController()
  const { signal } = settled
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as Message),
      once(child, 'exit', { signal }).then(([code]) => { throw new Error(`${child.spawnargs.at(-1)} ended with code ${code}`) })
    ])
  } finally {
    settled.abort()
  }
}

export async function stopChild (child: ChildProcess): Promise<void> {
  if (child.connected) child.disconnect()
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
