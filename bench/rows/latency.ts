import { setTimeout } from 'node:timers/promises'
import type { Bench, Row } from '../harness/bench.js'
import { reset } from '../harness/database.js'
import { load } from '../harness/host.js'
import { percentile, ratioOf, type Samples } from '../harness/result.js'
import type { GeneratorReport } from '../processes/generator.js'
import { FIRST } from './million.js'
import { CREATE_PATH } from './single.js'

export const CONNECTIONS = 16

export const latency: Row = {
  name: 'latency',
  title: 'Single calls while 1,000,000 numbers are loading',
  measure: async bench => {
    const samples = await latenciesDuring(bench, 'loading', () => load(bench.host, FIRST, 1_000_000))
    return {
      samples,
      verdicts: [
        { figure: 'p50 loading / idle', value: ratioOf(samples, 'loading, p50', 'idle, p50'), unit: '', isBetter: 'lower', target: 3 },
        { figure: 'p99 loading / idle', value: ratioOf(samples, 'loading, p99', 'idle, p99'), unit: '', isBetter: 'lower', must: 4, target: 2 }
      ],
      notes: [`${CONNECTIONS} connections, each of which sends its next call after the last reply, to the server that loads the numbers.`]
    }
  }
}

/** Measures single calls to an idle host, and to one that is busy with `work`. */
export async function latenciesDuring (bench: Bench, name: string, work: () => Promise<void>): Promise<Samples[]> {
  const idle: GeneratorReport[] = []
  const busy: GeneratorReport[] = []
  await singleCalls(bench, () => setTimeout(1_000))
  for (let round = 0; round < (bench.scale.isQuick ? 1 : 3); round++) {
    idle.push(await singleCalls(bench, () => setTimeout(bench.scale.seconds * 1000)))
    busy.push(await singleCalls(bench, work))
  }
  return [
    samplesOf('idle, p50', idle, 0.5), samplesOf(`${name}, p50`, busy, 0.5),
    samplesOf('idle, p99', idle, 0.99), samplesOf(`${name}, p99`, busy, 0.99)
  ]
}

async function singleCalls ({ sql, host, generator }: Bench, meanwhile: () => Promise<void>): Promise<GeneratorReport> {
  await reset(sql)
  const end = await generator.begin(host.origin, CREATE_PATH, CONNECTIONS)
  await meanwhile()
  return await end()
}

function samplesOf (name: string, reports: readonly GeneratorReport[], part: number): Samples {
  return { name, unit: 'ms', values: reports.map(({ latencies }) => percentile(latencies, part)) }
}
