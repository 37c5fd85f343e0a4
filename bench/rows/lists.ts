import { pipeline } from 'node:stream/promises'
import { Writable } from 'node:stream'
import { to as copyTo } from 'pg-copy-streams'
import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { reset, SCHEMA } from '../harness/database.js'
import { drain, get, load, pathOf, POOL_SIZE, startHost } from '../harness/host.js'
import { median, ratioOf } from '../harness/result.js'
import { FIRST } from './million.js'
import { requestsPerSecond, warmUp } from './single.js'

const COUNT = 1_000_000
const MEBIBYTE = 1024 * 1024

async function prepareMillion ({ sql, host }: Bench): Promise<void> {
  await reset(sql)
  await load(host, FIRST, COUNT)
}

async function nothing (): Promise<void> {}

export const getNumber: Row = {
  name: 'get',
  title: 'get of one number',
  measure: async bench => {
    await prepareMillion(bench)
    const among = { first: FIRST, count: COUNT }
    const plugin = { path: `${pathOf({}, 'get')}&number=`, connections: 10, among }
    const bare = { path: '/bare/get?number=', connections: 10, among }
    const candidate = (name: string, requests: typeof plugin): Candidate => ({
      name, unit: 'requests/s', prepare: nothing, run: () => requestsPerSecond(bench, requests)
    })
    const names = ['get', 'bare route with one SELECT by key'] as const
    await warmUp(bench, plugin, bare)
    const samples = await alternate([candidate(names[0], plugin), candidate(names[1], bare)], 3)
    return {
      samples,
      verdicts: [{
        figure: 'requests a second / bare route', value: ratioOf(samples, ...names), unit: '', isBetter: 'higher', must: 0.6, target: 0.85
      }],
      notes: [`10 connections, ${COUNT} numbers, one pool of ${POOL_SIZE} connections for both.`]
    }
  }
}

export const pages: Row = {
  name: 'pages',
  title: 'list of a page of 100 by prefix',
  measure: async bench => {
    await prepareMillion(bench)
    const candidate = (name: string, more: Record<string, number>): Candidate => ({
      name, unit: 'ms', prepare: nothing,
      run: async () => 1000 * await seconds(async () => {
        const { data } = JSON.parse(await get(bench.host, pathOf({ prefix: 30, limit: 100, ...more }, 'list'))) as { data: unknown[] }
        if (data.length !== 100) throw new Error(`a page has ${data.length} numbers`)
      })
    })
    const names = ['page behind 900,000 others', 'first page'] as const
    const samples = await alternate([candidate(names[0], { after: FIRST + 899_999 }), candidate(names[1], {})], 200)
    return {
      samples,
      verdicts: [{ figure: 'behind 900,000 / first', value: ratioOf(samples, ...names), unit: '', isBetter: 'lower', must: 1.2, target: 1.05 }],
      notes: ['The parameter after has the last of the 900,000 numbers.']
    }
  }
}

export const listAll: Row = {
  name: 'list',
  title: 'list of 1,000,000 numbers',
  measure: async bench => {
    await prepareMillion(bench)
    const { sql, databaseUrl, scale } = bench
    const path = pathOf({}, 'list')
    const host = await startHost(databaseUrl)
    const growth: number[] = []
    const candidate = (name: string, read: () => Promise<number>): Candidate => ({
      name, unit: 'MiB/s', prepare: nothing,
      run: async () => {
        let bytes = 0
        const taken = await seconds(async () => { bytes = await read() })
        if (bytes < COUNT * 30) throw new Error(`${name} returned ${bytes} bytes`)
        return bytes / MEBIBYTE / taken
      }
    })
    const copy = async (): Promise<number> => {
      let bytes = 0
      const count = new Writable({ write: (part: Buffer, _encoding, done) => { bytes += part.length; done() } })
      await pipeline(sql.query(copyTo(`
        copy (select number, alias, class, ingroup, customer, region, stype, load from ${SCHEMA}.numbers order by number) to stdout`)), count)
      return bytes
    }
    const names = ['list, over HTTP', 'COPY … TO STDOUT (pg-copy-streams)'] as const
    try {
      for (let call = 0; call < 200; call++) await get(host, pathOf({ limit: 100 }, 'list'))
      const samples = await alternate([
        candidate(names[0], async () => {
          const end = await host.sampleMemory()
          const bytes = await drain(host, path)
          const { before, peak } = await end()
          growth.push((peak - before) / MEBIBYTE)
          return bytes
        }),
        candidate(names[1], copy)
      ], scale.isQuick ? 1 : 3)
      return {
        // As for the others, the first run is a warm-up.
        samples: [...samples, { name: 'growth of the memory of Node.js to its peak', unit: 'MiB', values: growth.slice(1) }],
        verdicts: [
          { figure: 'bytes a second / COPY', value: ratioOf(samples, ...names), unit: '', isBetter: 'higher', must: 0.4, target: 0.7 },
          { figure: 'peak above before', value: median(growth.slice(1)), unit: 'MiB', isBetter: 'lower', must: 32, target: 8 }
        ],
        notes: ['Resident memory of a separate server process, read every 5 ms, after 200 pages. COPY sorts by number, as the list is.']
      }
    } finally {
      await host.stop()
    }
  }
}

export const search: Row = {
  name: 'search',
  title: 'list with search, anywhere in 1,000,000 numbers',
  measure: async bench => {
    await prepareMillion(bench)
    const { host, sql } = bench
    const path = pathOf({ search: 777_777, limit: 100 }, 'list')
    const names = ['search, HTTP call to reply', 'count(*)'] as const
    const samples = await alternate([
      { name: names[0], prepare: nothing, run: () => seconds(() => get(host, path)) },
      { name: names[1], prepare: nothing, run: () => seconds(() => sql.query(`select count(*) from ${SCHEMA}.numbers`)) }
    ], 30)
    return {
      samples,
      verdicts: [{ figure: 'search / count(*)', value: ratioOf(samples, ...names), unit: '', isBetter: 'lower', must: 2, target: 1.2 }],
      notes: ['One number has the digits.']
    }
  }
}
