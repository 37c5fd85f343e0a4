import { setTimeout } from 'node:timers/promises'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { from as copyFrom } from 'pg-copy-streams'
import { alternate, seconds } from '../harness/alternate.js'
import type { Row } from '../harness/bench.js'
import { expectRows, reset, SCHEMA } from '../harness/database.js'
import { importFile, load, REFERENCES, startHost, type Host } from '../harness/host.js'
import { median, ratioOf } from '../harness/result.js'
import { readState, STATISTICS_DELAY_MS } from './checks.js'
import { CONNECTIONS, latenciesDuring } from './latency.js'
import { FIRST, HTTP, overHttp } from './million.js'
import { CREATE_PATH, requestsPerSecond } from './single.js'

const MILLION = 1_000_000
const SCATTERED = 100_000
const MEBIBYTE = 1024 * 1024

const CONSECUTIVE_FILE = Buffer.from(Array.from({ length: MILLION }, (_, index) => `${FIRST + index}\n`).join(''))

/** Every seventh number, each with other attributes than the one before. */
const SCATTERED_ROWS = Array.from({ length: SCATTERED }, (_, index) => (
  [FIRST + index * 7, index % 2 + 1, index % 3 + 1, index % 2 === 0 ? 'number' : 'callerid'].join()))

const SCATTERED_FILE = Buffer.from(['number,class,ingroup,stype', ...SCATTERED_ROWS, ''].join('\n'))

/** Imports a file, and fails unless the host adds exactly this count. */
async function importWhole (
  host: Host, csv: Uint8Array, count: number, defaults: Record<string, number> = REFERENCES
): Promise<void> {
  const reply = await importFile(host, csv, defaults)
  if (reply.code !== '200' || reply.count !== count) throw new Error(`a file of ${count} numbers returned ${JSON.stringify(reply)}`)
}

const FILE = 'file, HTTP call to reply'

const file: Row = {
  name: 'file',
  title: 'A file of 1,000,000 consecutive numbers, one a line',
  measure: async bench => {
    const { sql, host, databaseUrl, scale } = bench
    const samples = await alternate([
      {
        name: FILE,
        prepare: () => reset(sql),
        run: async () => {
          const taken = await seconds(() => importWhole(host, CONSECUTIVE_FILE, MILLION))
          await expectRows(sql, 'numbers', MILLION)
          return taken
        }
      },
      overHttp(bench, MILLION)
    ], scale.isQuick ? 2 : 5)

    const growth: number[] = []
    const fresh = await startHost(databaseUrl)
    try {
      await reset(sql)
      for (let call = 0; call < 200; call++) await load(fresh, FIRST - 1_000 + call, 1)
      for (let round = 0; round < (scale.isQuick ? 1 : 3); round++) {
        await reset(sql)
        const end = await fresh.sampleMemory()
        await importWhole(fresh, CONSECUTIVE_FILE, MILLION)
        const { before, peak } = await end()
        growth.push((peak - before) / MEBIBYTE)
      }
    } finally {
      await fresh.stop()
    }
    return {
      samples: [...samples, { name: 'growth of the memory of Node.js to its peak', unit: 'MiB', values: growth }],
      verdicts: [
        { figure: 'file / the range by create', value: ratioOf(samples, FILE, HTTP), unit: '', isBetter: 'lower', must: 2.5, target: 1.6 },
        { figure: 'peak above before', value: median(growth), unit: 'MiB', isBetter: 'lower', must: 64, target: 16 }
      ],
      notes: ['Resident memory of a separate server process, read every 5 ms, after 200 single calls.']
    }
  }
}

const COPY = 'COPY of the same rows'
const SINGLE = '100,000 single creates, 50 connections'

const scattered: Row = {
  name: 'scattered',
  title: 'A file of 100,000 scattered numbers with their own attributes',
  measure: async bench => {
    const { sql, host, scale } = bench
    const copied = SCATTERED_ROWS.map(row => `${row},1\n`).join('')
    const samples = await alternate([
      {
        name: FILE,
        prepare: () => reset(sql),
        run: async () => {
          const taken = await seconds(() => importWhole(host, SCATTERED_FILE, SCATTERED, {}))
          await expectRows(sql, 'numbers', SCATTERED)
          return taken
        }
      },
      {
        name: COPY,
        prepare: async () => {
          await reset(sql)
          await sql.query(`
            insert into ${SCHEMA}.loads (id, person, source, start, "end", count, class, ingroup, stype, charge_customer)
            overriding system value values (1, 'bench', '', '0', '0', 1, 1, 1, 'number', false)`)
        },
        run: () => seconds(() => pipeline(
          Readable.from([copied]), sql.query(copyFrom(`copy ${SCHEMA}.numbers (number, class, ingroup, stype, load) from stdin csv`))))
      },
      {
        name: SINGLE,
        prepare: () => reset(sql),
        run: async () => SCATTERED / await requestsPerSecond(bench, { path: CREATE_PATH, connections: 50 })
      }
    ], scale.isQuick ? 4 : 5)
    return {
      samples,
      verdicts: [
        { figure: 'file / COPY', value: ratioOf(samples, FILE, COPY), unit: '', isBetter: 'lower', must: 3, target: 1.8 },
        { figure: 'file / single creates', value: ratioOf(samples, FILE, SINGLE), unit: '', isBetter: 'lower', must: 0.1, target: 0.05 }
      ],
      notes: ['COPY writes to the same table, with its triggers and indexes, from rows that are parsed already. The single creates are scaled from their rate.']
    }
  }
}

const refusedFile: Row = {
  name: 'refused-file',
  title: 'Refusal of a file of 100,000 numbers of which the last one exists',
  measure: async bench => {
    const { sql, host, scale } = bench
    await reset(sql)
    await load(host, FIRST + (SCATTERED - 1) * 7, MILLION)
    await setTimeout(STATISTICS_DELAY_MS)
    const before = await readState(bench)
    const samples = await alternate([{
      name: 'refusal',
      prepare: async () => {},
      run: () => seconds(async () => {
        const { code } = await importFile(host, SCATTERED_FILE, {})
        if (code !== '400') throw new Error(`expected 400, got ${code}`)
      })
    }], scale.isQuick ? 2 : 5)
    await setTimeout(STATISTICS_DELAY_MS)
    const after = await readState(bench)
    await expectRows(sql, 'numbers', MILLION)
    return {
      samples,
      verdicts: [
        { figure: 'dead rows', value: after.dead - before.dead, unit: '', isBetter: 'lower', must: 0 },
        { figure: 'bytes that the tables grew by', value: after.bytes - before.bytes, unit: '', isBetter: 'lower', must: 0 }
      ],
      notes: []
    }
  }
}

const fileLatency: Row = {
  name: 'file-latency',
  title: 'Single calls while a file of 1,000,000 numbers is imported',
  measure: async bench => {
    const samples = await latenciesDuring(bench, 'importing', () => importWhole(bench.host, CONSECUTIVE_FILE, MILLION))
    return {
      samples,
      verdicts: [
        { figure: 'p50 importing / idle', value: ratioOf(samples, 'importing, p50', 'idle, p50'), unit: '', isBetter: 'lower', must: 5, target: 2 }
      ],
      notes: [`${CONNECTIONS} connections, to the server that imports the file.`]
    }
  }
}

export const files: readonly Row[] = [file, scattered, refusedFile, fileLatency]
