#!/usr/bin/env node
import { messageOf } from '../errors.js'
import { withDotEnv } from '../config/dot-env.js'
import { EXIT, runCommandLine } from './run.js'
import { tell } from './terminal.js'

// A reader that has gone away, or a full disk: the work is done by then, and nobody has been told.
process.stdout.on('error', error => {
  tell(process, `the result could not be written: ${messageOf(error)}`)
  process.exit(EXIT.failed)
})

const status = await runCommandLine(process.argv.slice(2), withDotEnv(process.env), process)
// A server that has failed to start has said so itself.
if (status !== EXIT.done) process.exitCode = status
