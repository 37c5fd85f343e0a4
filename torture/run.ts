// npm run torture [-- --seed <n>] [-- --minutes <n>] [-- --scenario <name>]… [-- --rounds <n>] [-- --largest <n>]
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz/fuzz.js'
import { startEnvironment, type Environment } from './harness/environment.js'
import { describeResults } from './report.js'
import type { Scenario, ScenarioResult } from './scenario.js'
import { crashes } from './scenarios/crashes.js'
import { races } from './scenarios/races.js'

/** Most requests of the fuzzing. */
const FUZZ_REQUESTS = 200_000

/** The scenarios, and the part that each has of the time. */
const SCENARIOS: ReadonlyArray<{ readonly name: string, readonly share: number, readonly run: Scenario }> = [
  { name: 'crashes', share: 4, run: crashes },
  { name: 'races', share: 2, run: races },
  {
    name: 'fuzz',
    share: 6,
    run: ({ seed, postgres, hasTimeFor, tell: log }) => (
      fuzz({ seed, requests: FUZZ_REQUESTS, databaseUrl: postgres.url, log }, { hasTimeFor }))
  }
]

/** Of the time that is given, the part that rounds may begin in: the last one has to end, and everything to stop. */
const PART_FOR_ROUNDS = 0.95

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    minutes: { type: 'string', default: '10' },
    scenario: { type: 'string', multiple: true, default: [] },
    // For a short run: most rounds of a scenario, most numbers of a load.
    rounds: { type: 'string', default: '100000' },
    largest: { type: 'string', default: '1000000' }
  }
})
const seed = numberOf('seed')
const minutes = numberOf('minutes')
const rounds = numberOf('rounds')
const largest = numberOf('largest')
const unknown = values.scenario.filter(name => !SCENARIOS.some(scenario => scenario.name === name))
if (unknown.length > 0) refuse(`There is no scenario ${unknown.join()}. The scenarios: ${SCENARIOS.map(({ name }) => name).join()}`)
const scenarios = SCENARIOS.filter(({ name }) => values.scenario.length === 0 || values.scenario.includes(name))

const begin = performance.now()
const directory = join(tmpdir(), `fastify-telco-numbers-torture-${process.pid}`)
const started: Array<() => Promise<void>> = []

// The terminal ends the servers as well. Where another process started this one and is gone, nobody reads the table.
for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) {
  process.once(event, () => { void stop().finally(() => process.exit(130)) })
}

tell(`seed ${seed}, ${minutes} minutes`)
try {
  const environment = await startEnvironment(directory, started)
  tell(`disk full by ${environment.disk.means}`)
  const results = await play(environment)
  tell(`\n${describeResults(results)}`)
  const violations = [...results.values()].flatMap(result => result.violations)
  for (const violation of violations) tell(violation)
  tell(`${violations.length} violations, seed ${seed}, ${((performance.now() - begin) / 60_000).toFixed(1)} minutes`)
  process.exitCode = violations.length > 0 ? 1 : 0
} finally {
  await stop()
}
// What looked after a PostgreSQL that was killed takes its time to end.
process.exit()

async function play (environment: Environment): Promise<Map<string, ScenarioResult>> {
  const results = new Map<string, ScenarioResult>()
  const end = begin + minutes * 60_000 * PART_FOR_ROUNDS
  let shares = scenarios.reduce((sum, { share }) => sum + share, 0)
  for (const { name, share, run } of scenarios) {
    const now = performance.now()
    const until = now + (end - now) * share / shares
    shares -= share
    // At least one, however slow the machine is.
    const hasTimeFor = (round: number): boolean => round === 0 || (round < rounds && performance.now() < until)
    results.set(name, await run({ ...environment, seed, largest, hasTimeFor, tell }).catch((error: unknown) => (
      { rounds: 0, faults: 0, requests: 0, violations: [`${name} broke off: ${String(error)}`] })))
  }
  return results
}

async function stop (): Promise<void> {
  for (const stopOne of started.splice(0).reverse()) await stopOne()
}

function numberOf (name: 'seed' | 'minutes' | 'rounds' | 'largest'): number {
  const number = Number(values[name])
  if (!(number >= 0)) refuse(`--${name} must be a number`)
  return number
}

function refuse (message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

function tell (line: string): void {
  process.stdout.write(`${line}\n`)
}
