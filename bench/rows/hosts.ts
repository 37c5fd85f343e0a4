import { alternate, seconds } from '../harness/alternate.js'
import type { Row } from '../harness/bench.js'
import { expectRows, reset } from '../harness/database.js'
import { load, startHost, type Host } from '../harness/host.js'
import { ratioOf } from '../harness/result.js'
import { FIRST } from './million.js'

const HOSTS = 4

const ONE = 'one host'
const FOUR = 'four hosts'

export const hosts: Row = {
  name: 'hosts',
  title: 'Four hosts with disjoint ranges on one database',
  measure: async ({ sql, databaseUrl, scale }) => {
    const started: Host[] = []
    let failures = 0
    try {
      for (let index = 0; index < HOSTS; index++) started.push(await startHost(databaseUrl))
      const numbersPerSecond = (name: string, working: readonly Host[]) => ({
        name,
        unit: 'numbers/s',
        prepare: () => reset(sql),
        run: async () => {
          const taken = await seconds(async () => {
            const loads = await Promise.allSettled(
              working.map((host, index) => load(host, FIRST + index * scale.count, scale.count)))
            failures += loads.filter(({ status }) => status === 'rejected').length
          })
          if (failures === 0) await expectRows(sql, 'numbers', working.length * scale.count)
          return working.length * scale.count / taken
        }
      })
      const samples = await alternate(
        [numbersPerSecond(ONE, started.slice(0, 1)), numbersPerSecond(FOUR, started)], scale.isQuick ? 2 : 3)
      return {
        samples,
        verdicts: [
          { figure: 'numbers a second, four hosts / one', value: ratioOf(samples, FOUR, ONE), unit: '', isBetter: 'higher' },
          { figure: 'loads that failed', value: failures, unit: '', isBetter: 'lower', must: 0 }
        ],
        notes: [`${scale.count} numbers for each host, at the same time.`]
      }
    } finally {
      for (const host of started) await host.stop()
    }
  }
}
