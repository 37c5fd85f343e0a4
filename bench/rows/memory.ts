import type { Row } from '../harness/bench.js'
import { reset } from '../harness/database.js'
import { load, startHost } from '../harness/host.js'
import { median } from '../harness/result.js'
import { FIRST } from './million.js'

const COUNT = 1_000_000
const MEBIBYTE = 1024 * 1024

export const memory: Row = {
  name: 'memory',
  title: 'Memory of the Node.js process during 1,000,000 numbers',
  measure: async ({ sql, databaseUrl, scale }) => {
    const host = await startHost(databaseUrl)
    const before: number[] = []
    const growth: number[] = []
    try {
      await reset(sql)
      for (let count = 0; count < 200; count++) await load(host, FIRST - 1_000 + count, 1)
      for (let round = 0; round < (scale.isQuick ? 1 : 3); round++) {
        await reset(sql)
        const end = await host.sampleMemory()
        await load(host, FIRST, COUNT)
        const report = await end()
        before.push(report.before / MEBIBYTE)
        growth.push((report.peak - report.before) / MEBIBYTE)
      }
    } finally {
      await host.stop()
    }
    return {
      samples: [{ name: 'before', unit: 'MiB', values: before }, { name: 'growth to the peak', unit: 'MiB', values: growth }],
      verdicts: [{ figure: 'peak above before', value: median(growth), unit: 'MiB', isBetter: 'lower', must: 16, target: 4 }],
      notes: ['Resident memory of a separate server process, read every 5 ms, after 200 single calls.']
    }
  }
}
