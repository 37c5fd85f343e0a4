#!/usr/bin/env node
import { messageOf } from '../errors.js'
import { withDotEnv } from '../config/dot-env.js'
import { EXIT, runCommandLine } from './run.js'
import { printLine } from './terminal.js'

// The reader closed the pipe, or the disk is full. The work is done by then, so the operator must learn of it.
process.stdout.on('error', error => {
  printLine(process, `cannot write the result: ${messageOf(error)}`)
  process.exit(EXIT.failed)
})

const status = await runCommandLine(process.argv.slice(2), withDotEnv(process.env), process)
// A server that failed to start has set the exit code itself.
if (status !== EXIT.done) process.exitCode = status
