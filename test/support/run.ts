// Runs tap, with its arguments, against DATABASE_URL or an embedded PostgreSQL that lives as long as the run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../lib/server/embedded-postgres.js'

const directory = join(tmpdir(), `fastify-telco-numbers-test-${process.pid}`)
let postgres: EmbeddedPostgres | undefined
if (process.env.DATABASE_URL === undefined) {
  postgres = await startEmbeddedPostgres(directory, ['max_connections=300', 'fsync=off'])
}

const tap = spawn('tap', process.argv.slice(2), {
  stdio: 'inherit',
  env: {
    ...process.env,
    // For processes that work in other folders as well: coverage needs the same code of all of them.
    TS_NODE_PROJECT: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    DATABASE_URL: process.env.DATABASE_URL ?? postgres?.url
  }
})
// The terminal tells tap too; this process stays until tap has ended.
process.on('SIGINT', () => {})
const [code] = await once(tap, 'exit') as [number | null]

await postgres?.stop()
await rm(directory, { recursive: true, force: true })
process.exitCode = code ?? 1
