// npm run bench [-- --quick] [-- --large] [-- --row <name>]…
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import type { Bench, Row } from './harness/bench.js'
import { dropSchema, makeSchema, startDatabase } from './harness/database.js'
import { startGenerator } from './harness/generator.js'
import { startHost } from './harness/host.js'
import { isMet } from './harness/result.js'
import { describeMachine } from './report/machine.js'
import { describeRow, describeRun, type Measured } from './report/markdown.js'
import { plotRun } from './report/plot.js'
import { changes, undoChange } from './rows/changes.js'
import { files } from './rows/files.js'
import { growth } from './rows/growth.js'
import { hosts } from './rows/hosts.js'
import { alternatives } from './rows/alternatives.js'
import { latency } from './rows/latency.js'
import { aliasRefusal, refusal, validation } from './rows/checks.js'
import { lengths } from './rows/lengths.js'
import { memory } from './rows/memory.js'
import { getNumber, listAll, pages, search } from './rows/lists.js'
import { aliases, foreignKeys, million } from './rows/million.js'
import { partitions } from './rows/partitions.js'
import { settings } from './rows/settings.js'
import { cpu, single, thousand } from './rows/single.js'
import { imports, start } from './rows/start.js'
import { undo } from './rows/undo.js'

const ROWS: readonly Row[] = [
  million, aliases, foreignKeys, partitions, alternatives, single, thousand, cpu, validation, refusal, aliasRefusal, growth,
  memory, ...files, latency, hosts, undo, lengths, changes, undoChange, getNumber, pages, listAll, search, start, imports,
  settings
]

const { values: { quick, large, row: names } } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true, default: [] }
  }
})
const unknown = names.filter(name => !ROWS.some(row => row.name === name))
if (unknown.length > 0) {
  process.stderr.write(`row ${unknown.join()} not found; the rows are ${ROWS.map(row => row.name).join()}\n`)
  process.exit(2)
}
const rows = ROWS.filter(row => names.length > 0 ? names.includes(row.name) : large || row.onlyLarge !== true)

const log = (line: string): void => { process.stdout.write(`${line}\n`) }
const started: Array<() => Promise<void>> = []
const begin = performance.now()

// The terminal also sends the signal to the other processes. This process must stop the database and remove its folder.
process.once('SIGINT', () => { void stopAll().finally(() => process.exit(130)) })

try {
  await run()
} finally {
  await stopAll()
}

async function stopAll (): Promise<void> {
  for (const stop of started.splice(0).reverse()) await stop()
}

async function run (): Promise<void> {
  const database = await startDatabase(process.env.DATABASE_URL)
  started.push(database.stop)
  await makeSchema(database.url)
  const sql = new pg.Client(database.url)
  await sql.connect()
  started.push(async () => {
    await dropSchema(sql)
    await sql.end()
  })
  const host = await startHost(database.url)
  started.push(host.stop)
  const generator = startGenerator()
  started.push(generator.stop)
  const machine = await describeMachine(sql, database.isEmbedded)

  const measured = await measure({
    scale: { isQuick: quick, isLarge: large, count: quick ? 200_000 : 1_000_000, seconds: quick ? 1 : 4 },
    databaseUrl: database.url, sql, host, generator, log
  })
  const minutes = (performance.now() - begin) / 60_000
  log(`${minutes.toFixed(1)} minutes`)
  if (names.length > 0) return
  const command = ['npm run bench', ...quick || large ? ['--'] : [], ...quick ? ['--quick'] : [], ...large ? ['--large'] : []].join(' ')
  await writeFile(new URL('results.md', import.meta.url), describeRun(measured, machine, command, minutes))
  await writeFile(new URL('results.svg', import.meta.url), plotRun(measured))
}

async function measure (bench: Bench): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const row of rows) {
    try {
      const result = await row.measure(bench)
      measured.push({ row, result })
      log(`${describeRow({ row, result })}\n`)
      if (!result.verdicts.every(verdict => isMet(verdict, verdict.must))) process.exitCode = 1
    } catch (error) {
      log(`${row.name} failed: ${String(error)}\n`)
      process.exitCode = 1
    }
  }
  return measured
}
