import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { findHealthViolations } from '../../torture/fuzz/compare/health.js'
import { makeSchema } from '../../torture/fuzz/database/lane-schema.js'
import { Lane } from '../../torture/fuzz/lane.js'
import { testCase } from '../../torture/fuzz/requests/test-cases.js'
import { isAlwaysOk } from '../../torture/fuzz/server/host.js'
import { startHost } from '../../torture/fuzz/server/start-host.js'
import { Tally } from '../../torture/fuzz/tally.js'
import { DATABASE_URL, emptySchema } from '../support/host.js'
import { FINDINGS, MUTANTS, type MutantName } from '../support/findings.js'

const MUTANTS_PROCESS = fileURLToPath(new URL('../support/mutants.js', import.meta.url))

/** Mutants whose replies and tables are correct: only the health of the process shows them. */
const WITH_CORRECT_REPLIES: readonly MutantName[] = [
  'does not catch a rejection', 'does not release a connection', 'logs a credential', 'leaks memory'
]

const FIRST_SEED = 1

/** A mutant must be found with one of these seeds, so no result depends on one random stream. */
const MAX_SEEDS = 60

const CASES_PER_SEED = 15

const NOTHING = 'nothing'

/** Returns the first violation of replies or tables, and leaves an empty schema. */
async function playSeed (lane: Lane, seed: number): Promise<string> {
  try {
    for (const oneCase of fc.sample(testCase, { seed, numRuns: CASES_PER_SEED })) {
      const violation = await lane.play(oneCase)
      if (violation !== undefined) return violation
    }
    return await lane.findStoredViolation() ?? NOTHING
  } finally {
    await lane.reset()
  }
}

/** Plays further seeds until `play` finds a violation. */
async function search (play: (seed: number) => Promise<string>): Promise<string> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + MAX_SEEDS; seed++) {
    const violation = await play(seed)
    if (violation !== NOTHING) return violation
  }
  return NOTHING
}

t.test('every mutant of the server is found', async t => {
  const { pool, schema } = await emptySchema(t)
  await makeSchema(pool, schema)
  const host = await startHost({ databaseUrl: DATABASE_URL, schemas: MUTANTS.map(() => schema) }, MUTANTS_PROCESS)
  t.teardown(host.stop)
  const { ports } = await host.health()
  const tally = new Tally()
  for (const [index, name] of MUTANTS.entries()) {
    const lane = new Lane({ port: ports[index] ?? 0, schema, alwaysOk: isAlwaysOk(index), pool, tally })
    if (!WITH_CORRECT_REPLIES.includes(name)) {
      t.match(await search(seed => playSeed(lane, seed)), FINDINGS[name], name)
      continue
    }
    const before = await host.health()
    t.notMatch(findHealthViolations(before, before).join('\n'), FINDINGS[name], `${name}: not found before`)
    const found = await search(async seed => {
      t.equal(await playSeed(lane, seed), NOTHING, `${name}: replies and tables`)
      const violations = findHealthViolations(before, await host.health()).join('\n')
      return FINDINGS[name].test(violations) ? violations : NOTHING
    })
    t.match(found, FINDINGS[name], name)
  }
})
