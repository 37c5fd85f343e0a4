import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { findHealthFaults } from '../../torture/fuzz/compare/health.js'
import { makeSchema } from '../../torture/fuzz/database/lane-schema.js'
import { Lane } from '../../torture/fuzz/lane.js'
import { volley } from '../../torture/fuzz/requests/volleys.js'
import { isAlwaysOk } from '../../torture/fuzz/server/host.js'
import { startHost } from '../../torture/fuzz/server/start-host.js'
import { Tally } from '../../torture/fuzz/tally.js'
import { DATABASE_URL, emptySchema } from '../support/host.js'
import { FINDINGS, SABOTAGES, type SabotageName } from './mutants.js'

const SABOTEUR = fileURLToPath(new URL('../support/mutants.ts', import.meta.url))

/** Sabotage that does not show in replies or tables, but in the process. */
const OF_THE_PROCESS: readonly SabotageName[] = [
  'rejects without being caught', 'keeps a connection', 'logs a credential', 'keeps memory'
]

const VOLLEYS = fc.sample(volley, { seed: 3, numRuns: 30 })

/** The first thing that is wrong with the replies or with what is stored. */
async function firstFault (lane: Lane): Promise<string> {
  for (const volley of VOLLEYS) {
    const fault = await lane.play(volley)
    if (fault !== undefined) return fault
  }
  return await lane.findStoredFault() ?? 'nothing'
}

t.test('every promise of the contract that is broken on purpose is noticed', async t => {
  const { pool, schema } = await emptySchema(t)
  await makeSchema(pool, schema)
  const host = await startHost({ databaseUrl: DATABASE_URL, schemas: SABOTAGES.map(() => schema) }, SABOTEUR)
  t.teardown(host.stop)
  const before = await host.health()
  const tally = new Tally()
  for (const [place, name] of SABOTAGES.entries()) {
    const lane = new Lane({ port: before.ports[place] ?? 0, schema, alwaysOk: isAlwaysOk(place), pool, tally })
    const fault = await firstFault(lane)
    t.match(fault, OF_THE_PROCESS.includes(name) ? 'nothing' : FINDINGS[name], name)
    await lane.reset()
  }
  const faults = findHealthFaults(before, await host.health()).join('\n')
  for (const name of OF_THE_PROCESS) t.match(faults, FINDINGS[name], name)
})
