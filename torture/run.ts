// npm run torture [-- --seed <n>] [-- --minutes <n>] [-- --scenario <name>]… [-- --rounds <n>] [-- --max-count <n>]
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz/fuzz.js'
import { startEnvironment, type Environment } from './harness/environment.js'
import { describeResults } from './report.js'
import type { Scenario, ScenarioResult } from './scenario.js'
import { changes } from './scenarios/changes.js'
import { crashes } from './scenarios/crashes.js'
import { crossing } from './scenarios/crossing.js'
import { failover } from './scenarios/failover.js'
import { firstStart } from './scenarios/first-start.js'
import { races } from './scenarios/races.js'
import { slowClients } from './scenarios/slow-clients.js'
import { stop as stopUnderLoad } from './scenarios/stop.js'

const MAX_FUZZ_REQUESTS = 200_000

/** The scenarios, each with its relative share of the time. */
const SCENARIOS: ReadonlyArray<{ readonly name: string, readonly share: number, readonly run: Scenario }> = [
  { name: 'crashes', share: 4, run: crashes },
  { name: 'races', share: 2, run: races },
  { name: 'changes', share: 2, run: changes },
  { name: 'failover', share: 2, run: failover },
  { name: 'crossing', share: 1, run: crossing },
  { name: 'stop', share: 1, run: stopUnderLoad },
  { name: 'slow-clients', share: 1, run: slowClients },
  { name: 'first-start', share: 1, run: firstStart },
  {
    name: 'fuzz',
    share: 6,
    run: ({ seed, postgres, hasTimeFor, log }) => (
      fuzz({ seed, requests: MAX_FUZZ_REQUESTS, databaseUrl: postgres.url, log }, { hasTimeFor }))
  }
]

/** The fraction of the time in which rounds may start. In the rest, the last round ends and all processes stop. */
const ROUNDS_FRACTION = 0.95

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    minutes: { type: 'string', default: '10' },
    scenario: { type: 'string', multiple: true, default: [] },
    // For a short run: the maximum of rounds per scenario and of numbers per load.
    rounds: { type: 'string', default: '100000' },
    'max-count': { type: 'string', default: '1000000' }
  }
})
const seed = numberOf('seed')
const minutes = numberOf('minutes')
const rounds = numberOf('rounds')
const maxCount = numberOf('max-count')
const unknown = values.scenario.filter(name => !SCENARIOS.some(scenario => scenario.name === name))
if (unknown.length > 0) fail(`scenario ${unknown.join()} not found; the scenarios are ${SCENARIOS.map(({ name }) => name).join()}`)
const scenarios = SCENARIOS.filter(({ name }) => values.scenario.length === 0 || values.scenario.includes(name))

const begin = performance.now()
const directory = join(tmpdir(), `fastify-telco-numbers-torture-${process.pid}`)
const started: Array<() => Promise<void>> = []

// The terminal also sends the signal to the servers. If the parent process has ended, nothing reads the table.
for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) {
  process.once(event, () => { void stop().finally(() => process.exit(130)) })
}

log(`seed ${seed}, ${minutes} minutes`)
try {
  const environment = await startEnvironment(directory, started)
  log(`disk full: ${environment.disk.method}`)
  const results = await runScenarios(environment)
  log(`\n${describeResults(results)}`)
  const violations = [...results.values()].flatMap(result => result.violations)
  for (const violation of violations) log(violation)
  log(`${violations.length} violations, seed ${seed}, ${((performance.now() - begin) / 60_000).toFixed(1)} minutes`)
  process.exitCode = violations.length > 0 ? 1 : 0
} finally {
  await stop()
}
// The supervisor of a killed PostgreSQL would keep this process alive for a while.
process.exit()

async function runScenarios (environment: Environment): Promise<Map<string, ScenarioResult>> {
  const results = new Map<string, ScenarioResult>()
  const end = begin + minutes * 60_000 * ROUNDS_FRACTION
  let shares = scenarios.reduce((sum, { share }) => sum + share, 0)
  for (const { name, share, run } of scenarios) {
    const now = performance.now()
    const until = now + (end - now) * share / shares
    shares -= share
    // At least one round, even on a slow machine.
    const hasTimeFor = (round: number): boolean => round === 0 || (round < rounds && performance.now() < until)
    results.set(name, await run({ ...environment, seed, maxCount, hasTimeFor, log }).catch((error: unknown) => (
      { rounds: 0, faults: 0, requests: 0, violations: [`${name} failed: ${String(error)}`] })))
  }
  return results
}

async function stop (): Promise<void> {
  for (const stopOne of started.splice(0).reverse()) await stopOne()
}

function numberOf (name: 'seed' | 'minutes' | 'rounds' | 'max-count'): number {
  const number = Number(values[name])
  if (!(number >= 0)) fail(`--${name} must be a number`)
  return number
}

function fail (message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

function log (line: string): void {
  process.stdout.write(`${line}\n`)
}
