#!/usr/bin/env node
import { runCommandLine } from './run.js'

process.exitCode = await runCommandLine(process.argv.slice(2), process.env, {
  out: line => { process.stdout.write(`${line}\n`) },
  err: line => { process.stderr.write(`${line}\n`) }
})
