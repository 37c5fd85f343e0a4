import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { killProcess } from '../harness/postgres.js'
import { processesOf } from '../harness/processes.js'
import { Random } from '../harness/random.js'
import { Standalone } from '../harness/standalone.js'
import { until } from '../harness/until.js'
import type { Context, ScenarioResult } from '../scenario.js'

const MAX_KILLS = 3

/** Expected duration of a first start, until one has been measured. */
const FIRST_GUESS_MS = 4_000

/** Some kills happen after the start. */
const MAX_MOMENT = 1.2

const CALL = '/api/json/numbers/system/create?auth_username=user&auth_password=password&start=2125550000&class=1&ingroup=1'

/**
 * Kills the stand-alone server at random moments of its first start, with or without the processes that it has started.
 * The next start must complete what is missing.
 */
export async function firstStart ({ postgres, seed, hasTimeFor, log }: Context): Promise<ScenarioResult> {
  const violations: string[] = []
  let [rounds, faults, duration] = [0, 0, FIRST_GUESS_MS]
  for (; hasTimeFor(rounds); rounds++) {
    const random = new Random(seed, 'first-start', rounds)
    const directory = join(postgres.directory, `first-start-${rounds}`)
    const moments: string[] = []
    for (let kill = random.integer(1, MAX_KILLS); kill > 0; kill--) {
      const [moment, isAlone] = [random.fraction() * MAX_MOMENT, random.chance(0.5)]
      await killStart(directory, moment * duration, isAlone)
      moments.push(`${moment.toFixed(2)}${isAlone ? ' (the server alone)' : ''}`)
      faults++
    }
    const start = performance.now()
    const found = await startAndStop(directory, () => { duration = performance.now() - start })
    const title = `first-start ${rounds}: killed at ${moments.join(', ')}`
    log(`${title}${found.length > 0 ? `: ${found.length} violations` : ''}`)
    violations.push(...found.map(violation => `${title}: ${violation}`))
    await rm(directory, { recursive: true, force: true })
  }
  return { rounds, faults, requests: rounds, violations }
}

async function killStart (directory: string, milliseconds: number, isAlone: boolean): Promise<void> {
  const server = start(directory)
  await sleep(milliseconds)
  server.signal('SIGKILL')
  const known = new Set<number>()
  // Repeatedly, because one that is killed may have started another. Without its server, the supervisor stops PostgreSQL.
  await until('the processes of a killed start end', async () => {
    const processes = await processesOf(directory)
    for (const { pid } of processes) {
      known.add(pid)
      if (!isAlone) killProcess(pid)
    }
    // PostgreSQL does not start while the former one is still a process, even a zombie.
    return processes.length === 0 && ![...known].some(pid => killProcess(pid, 0))
  })
  await server.ended
}

/** Returns violations. */
async function startAndStop (directory: string, onListening: () => void): Promise<string[]> {
  const server = start(directory)
  try {
    if (!await server.listens()) return [`the next start failed: ${server.output}`]
    onListening()
    const { status } = await fetch(`${server.origin}${CALL}`)
    server.signal('SIGTERM')
    const code = await server.ended
    const files = await readdir(directory)
    return [
      // A killed start that was already listening has not been called.
      ...status === 200 ? [] : [`the first call got ${status}`],
      ...code === 0 ? [] : [`the server ended with ${code ?? 'nothing'}: ${server.output}`],
      ...files.join() === 'postgres' ? [] : [`the folder has ${files.join()}`]
    ]
  } finally {
    await server.stop()
  }
}

function start (directory: string): Standalone {
  return new Standalone('the first start', { DATA_DIR: directory })
}
