import { setTimeout } from 'node:timers/promises'
import { alternate, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { reset } from '../harness/database.js'
import { pathOf, POOL_SIZE, REFERENCES } from '../harness/host.js'
import { ratioOf, type Result, type Samples, type Verdict } from '../harness/result.js'

/** The path of a create, to which the generator appends its number. */
export const CREATE_PATH = `${pathOf(REFERENCES)}&start=`

const BARE_PATH = `/bare/insert?${Object.entries(REFERENCES).map(pair => pair.join('=')).join('&')}&number=`

const BARE_RANGE_PATH = BARE_PATH.replace('insert?', 'insert-range?').replace('number=', 'start=')

/** The customer and each of its resellers are charged. */
const CHARGED_PATH = `${pathOf({ ...REFERENCES, charge_customer: 1 })}&start=`

interface Requests {
  readonly path: string
  readonly connections: number
  /** Count of the numbers of each request. */
  readonly count?: number
  /** Numbers that exist, of which each request is for one. */
  readonly among?: { readonly first: number, readonly count: number }
}

/** Returns how many requests a second the host replies to. */
export async function requestsPerSecond (
  { host, generator, scale }: Bench, { path, connections, count = 1, among }: Requests, seconds = scale.seconds
): Promise<number> {
  const end = await generator.begin(host.origin, path, connections, count, among)
  await setTimeout(seconds * 1000)
  const report = await end()
  return report.requests / report.seconds
}

/** V8 compiles busy code for seconds, and its threads then use as much processor time as the calls. */
const WARM_UP_SECONDS = 5

/** Requests routes until V8 has compiled their code. */
export async function warmUp (bench: Bench, ...routes: readonly Requests[]): Promise<void> {
  for (const requests of routes) await requestsPerSecond(bench, requests, WARM_UP_SECONDS)
}

/** More than in other rows, because the ratio of two runs in a row varies by a third. */
const ROUNDS = 9

/** Compares the plugin with the bare route. */
async function compare (
  bench: Bench, what: string, plugin: Requests, bare: Requests, bounds: Pick<Verdict, 'must' | 'target'>
): Promise<{ samples: Samples[], verdict: Verdict }> {
  const candidate = (name: string, requests: Requests): Candidate => ({
    name: `${name}, ${what}`, unit: 'requests/s', prepare: () => reset(bench.sql), run: () => requestsPerSecond(bench, requests)
  })
  const samples = await alternate([candidate('HTTP call', plugin), candidate('bare route', bare)], ROUNDS)
  const value = ratioOf(samples, `HTTP call, ${what}`, `bare route, ${what}`)
  return { samples, verdict: { figure: `requests a second / bare route, ${what}`, value, unit: '', isBetter: 'higher', ...bounds } }
}

const NOTE = `One server process and one pool of ${POOL_SIZE} connections for both. The generator is a separate process. The log level is ` +
  'warn. The bare route runs one INSERT of the row into the table with only the primary key. One person makes all calls. Both ' +
  `routes are called for ${WARM_UP_SECONDS} seconds first.`

export const single: Row = {
  name: 'single',
  title: 'One number a call',
  measure: async (bench): Promise<Result> => {
    const plain = (connections: number) => [{ path: CREATE_PATH, connections }, { path: BARE_PATH, connections }] as const
    await warmUp(bench, ...plain(10))
    const results = [
      await compare(bench, '10 connections', ...plain(10), { must: 0.75, target: 0.95 }),
      await compare(bench, '50 connections', ...plain(50), { must: 0.9, target: 1.1 }),
      await compare(bench, 'charged, 10 connections', { path: CHARGED_PATH, connections: 10 }, { path: BARE_PATH, connections: 10 },
        { must: 0.3, target: 0.6 })
    ]
    return { samples: results.flatMap(({ samples }) => samples), verdicts: results.map(({ verdict }) => verdict), notes: [NOTE] }
  }
}

const NUMBERS = 1_000

export const thousand: Row = {
  name: 'thousand',
  title: '1,000 numbers a call',
  measure: async (bench): Promise<Result> => {
    const common = { connections: 10, count: NUMBERS }
    const { samples, verdict } = await compare(
      bench, '10 connections', { path: CREATE_PATH, ...common }, { path: BARE_RANGE_PATH, ...common }, { must: 0.6, target: 0.85 })
    return { samples, verdicts: [verdict], notes: ['The bare route inserts the range with one statement.'] }
  }
}

const CPU_CONNECTIONS = 10

export const cpu: Row = {
  name: 'cpu',
  title: 'CPU time of Node.js for one number a call',
  measure: async (bench): Promise<Result> => {
    const candidate = (name: string, path: string): Candidate => ({
      name,
      unit: 'µs',
      prepare: () => reset(bench.sql),
      run: async () => {
        const before = await bench.host.report()
        const rate = await requestsPerSecond(bench, { path, connections: CPU_CONNECTIONS })
        const after = await bench.host.report()
        return (after.cpu - before.cpu) / (rate * bench.scale.seconds) * 1e6
      }
    })
    await warmUp(bench, { path: CREATE_PATH, connections: CPU_CONNECTIONS }, { path: BARE_PATH, connections: CPU_CONNECTIONS })
    const samples = await alternate([candidate('HTTP call', CREATE_PATH), candidate('bare route', BARE_PATH)], 3)
    return {
      samples,
      verdicts: [{
        figure: 'CPU time / bare route', value: ratioOf(samples, 'HTTP call', 'bare route'), unit: '', isBetter: 'lower', must: 2, target: 1.4
      }],
      notes: [`${CPU_CONNECTIONS} connections. PostgreSQL and the generator are other processes, and not counted.`]
    }
  }
}
