import closeWithGrace from 'close-with-grace'
import { messageOf } from '../errors.js'
import { readConfiguration } from '../config/configuration.js'
import { withDotEnv } from '../config/dot-env.js'
import { start } from './start.js'

/** Time limit for running loads to end. */
const GRACE_MS = 30_000

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

// A terminal that was closed, or a disk that is full, must not end the server.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const print = (line: string): void => { process.stdout.write(`${line}\n`) }

// npm forwards a Ctrl-C that the process has also received from the terminal, so a second signal is not a demand to exit
// immediately. A signal during the start takes effect when the server has started, or after the grace period.
const stopRequested = new Promise(resolve => {
  for (const signal of SIGNALS) process.on(signal, resolve)
}).then(() => { setTimeout(() => process.exit(1), 2 * GRACE_MS).unref() })

try {
  const server = await start(readConfiguration(withDotEnv(process.env)), print)
  const grace = closeWithGrace({ delay: GRACE_MS, skip: [...SIGNALS] }, async () => {
    server.report('Stopping.')
    await server.stop()
  })
  void stopRequested.then(() => { grace.close() })
} catch (error) {
  process.stderr.write(`fastify-telco-numbers: ${messageOf(error)}\n`)
  process.exitCode = 1
}
