import closeWithGrace from 'close-with-grace'
import { messageOf } from '../errors.js'
import { readConfiguration } from '../config/configuration.js'
import { withDotEnv } from '../config/dot-env.js'
import { start } from './start.js'

/** Milliseconds for running loads to end. */
const GRACE_MS = 30_000

const print = (line: string): void => { process.stdout.write(`${line}\n`) }

// npm passes a Ctrl-C on to a process that the terminal has told already: the second one is no impatience.
// One that comes while everything starts is heard when it has started, or after the grace when it does not.
const asked = new Promise(resolve => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, resolve)
}).then(() => { setTimeout(() => process.exit(1), 2 * GRACE_MS).unref() })

try {
  const server = await start(readConfiguration(withDotEnv(process.env)), print)
  const grace = closeWithGrace({ delay: GRACE_MS, skip: ['SIGINT', 'SIGTERM'] }, async () => {
    server.tell('Stopping.')
    await server.stop()
  })
  void asked.then(() => { grace.close() })
} catch (error) {
  process.stderr.write(`fastify-telco-numbers: ${messageOf(error)}\n`)
  process.exitCode = 1
}
