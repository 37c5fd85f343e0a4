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

const printError = (message: string): void => { process.stderr.write(`fastify-telco-numbers: ${message}\n`) }

// npm forwards a Ctrl-C that the process has also received from the terminal, so a second signal is not a demand to exit
// immediately. A signal during the start takes effect when the server has started, or after the grace period.
const stopRequested = new Promise(resolve => {
  for (const signal of SIGNALS) process.on(signal, resolve)
}).then(() => { setTimeout(() => process.exit(1), 2 * GRACE_MS).unref() })

try {
  const server = await start(readConfiguration(withDotEnv(process.env)), print)
  let isStopping = false
  let isDatabaseLost = false
  const grace = closeWithGrace({ delay: GRACE_MS, skip: [...SIGNALS] }, async () => {
    isStopping = true
    server.report('Stopping.')
    await server.stop()
    if (isDatabaseLost) process.exit(1)
  })
  // Every call would be a 503 from now on. Another start recovers PostgreSQL, by hand or by what supervises this process.
  const databaseLost = server.databaseEnded.then(() => { isDatabaseLost = !isStopping })
  void Promise.race([stopRequested, databaseLost]).then(() => {
    if (isStopping) return
    if (isDatabaseLost) printError('the embedded PostgreSQL has ended, and the server stops: start it again')
    grace.close()
  })
} catch (error) {
  printError(messageOf(error))
  process.exitCode = 1
}
