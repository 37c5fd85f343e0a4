#!/usr/bin/env node
import { withDotEnv } from '../config/dot-env.js'
import { EXIT, runCommandLine } from './run.js'

// If the reader closed the pipe, the terminal is closed, or the disk is full, the caller of the write handles the failure.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const status = await runCommandLine(process.argv.slice(2), withDotEnv(process.env), process)
// A server that failed to start has set the exit code itself.
if (status !== EXIT.done) process.exitCode = status
