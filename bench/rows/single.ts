import { setTimeout } from 'node:timers/promises'
import { alternate, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { reset } from '../harness/database.js'
import { pathOf, POOL_SIZE, REFERENCES } from '../harness/host.js'
import { ratioOf, type Result, type Samples, type Verdict } from '../harness/result.js'

/** The path of a create, to which the generator appends its number. */
export const CREATE_PATH = `${pathOf(REFERENCES)}&start=`

const BARE_PATH = `/bare/insert?${Object.entries(REFERENCES).map(pair => pair.join('=')).join('&')}&number=`

const CONNECTIONS = [10, 50]

function requests ({ sql, host, generator, scale }: Bench, name: string, path: string, connections: number): Candidate {
  return {
    name,
    unit: 'requests/s',
    prepare: () => reset(sql),
    run: async () => {
      const end = await generator.begin(host.origin, path, connections)
      await setTimeout(scale.seconds * 1000)
      const report = await end()
      return report.requests / report.seconds
    }
  }
}

export const single: Row = {
  name: 'single',
  title: 'One number a call',
  measure: async (bench): Promise<Result> => {
    const samples: Samples[] = []
    const verdicts: Verdict[] = []
    for (const connections of CONNECTIONS) {
      const plugin = `HTTP call, ${connections} connections`
      const bare = `bare route, ${connections} connections`
      samples.push(...await alternate([
        requests(bench, plugin, CREATE_PATH, connections), requests(bench, bare, BARE_PATH, connections)
      ], 3))
      verdicts.push({
        figure: `requests a second / bare route, ${connections} connections`, value: ratioOf(samples, plugin, bare), unit: '',
        isBetter: 'higher', must: 0.6, target: 0.8
      })
    }
    return {
      samples,
      verdicts,
      notes: [
        `One server process and one pool of ${POOL_SIZE} connections for both. The generator is a separate process. The log level is warn. ` +
        'The bare route runs one INSERT of the row into the table with only the primary key. One person makes all calls.'
      ]
    }
  }
}
