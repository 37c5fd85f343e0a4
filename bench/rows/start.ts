import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { SCHEMA } from '../harness/database.js'
import { ratioOf } from '../harness/result.js'

const NPM = 'npm start'
const NODE = 'node dist/server/main.js'

/** Starts the stand-alone server in its own process group, and returns the seconds until its first reply. */
async function startToReply ({ databaseUrl }: Bench, command: string, words: string[]): Promise<number> {
  const environment = { DATABASE_URL: databaseUrl, SCHEMA, PORT: '0' }
  const begin = performance.now()
  const child = spawn(command, words, { detached: true, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } })
  const ended = once(child, 'close')
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, origin] = /Listening on (http:[^"]*)"/.exec(line) ?? []
      if (origin === undefined) continue
      await (await fetch(`${origin}/health/ready`)).text()
      return (performance.now() - begin) / 1000
    }
    throw new Error(`${command} ended before it listened`)
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    child.stdout.resume()
    await ended
  }
}

export const start: Row = {
  name: 'start',
  title: 'From npm start to the first reply',
  measure: async bench => {
    const candidate = (name: string): Candidate => {
      const [command = '', ...words] = name.split(' ')
      return { name, prepare: async () => {}, run: () => startToReply(bench, command, words) }
    }
    const samples = await alternate([candidate(NPM), candidate(NODE)], 7)
    return {
      samples,
      verdicts: [{ figure: 'npm start / node', value: ratioOf(samples, NPM, NODE), unit: '', isBetter: 'lower', must: 1.5, target: 1.1 }],
      notes: ['Both use a database that runs already.']
    }
  }
}

const PLUGIN = 'fastify-telco-numbers'
const FASTIFY = 'fastify'

async function importInProcess (name: string): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', `await import('${name}')`], { stdio: 'inherit' })
  const [code] = await once(child, 'exit') as [number | null]
  if (code !== 0) throw new Error(`importing ${name} ended with ${String(code)}`)
}

export const imports: Row = {
  name: 'import',
  title: 'Importing the plugin',
  measure: async () => {
    const candidate = (name: string): Candidate => (
      { name, unit: 'ms', prepare: async () => {}, run: async () => await seconds(() => importInProcess(name)) * 1000 })
    const samples = await alternate([candidate(PLUGIN), candidate(FASTIFY)], 15)
    return {
      samples,
      verdicts: [{ figure: 'plugin / fastify', value: ratioOf(samples, PLUGIN, FASTIFY), unit: '', isBetter: 'lower', must: 2.5, target: 1.5 }],
      notes: ['Each in a fresh process, whose start is part of both.']
    }
  }
}
