// npx tsx torture/fuzz/main.ts [--seed <n>] [--requests <n>] [--round <n>]
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../lib/server/embedded-postgres.js'
import { fuzz } from './fuzz.js'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '200000' },
    round: { type: 'string', default: '1' }
  }
})
const log = (line: string): void => { process.stdout.write(`${line}\n`) }

const directory = join(tmpdir(), `fastify-telco-numbers-fuzz-${process.pid}`)
let postgres: EmbeddedPostgres | undefined
if (process.env.DATABASE_URL === undefined) postgres = await startEmbeddedPostgres(directory, ['fsync=off', 'jit=off'])
const begin = performance.now()
try {
  const { rounds, faults, requests, violations } = await fuzz({
    seed: Number(values.seed),
    requests: Number(values.requests),
    databaseUrl: process.env.DATABASE_URL ?? postgres?.url ?? '',
    log
  }, { firstRound: Number(values.round) })
  for (const violation of violations) log(`VIOLATION ${violation}`)
  const seconds = ((performance.now() - begin) / 1000).toFixed(0)
  log(`${rounds} rounds, ${faults} faults, ${requests} requests in ${seconds} s, ${violations.length} violations`)
  if (violations.length > 0) process.exitCode = 1
} finally {
  await postgres?.stop()
  await rm(directory, { recursive: true, force: true })
}
