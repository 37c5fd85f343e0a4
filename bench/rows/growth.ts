import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { dropSchema, expectRows, makeSchema, reset, SCHEMA } from '../harness/database.js'
import { load, startHost, type Host } from '../harness/host.js'
import { ratioOf, type Result } from '../harness/result.js'

const COUNT = 1_000_000
const MILLIONS = 52

// Ranges have no order: each is 17 positions after the last one, so that every position is used once.
const STEP = 17

// PostgreSQL fills the end of an index a third faster than its middle, where most ranges are inserted once others exist.
// With some numbers after all ranges, the first million is inserted into the middle too: only the growth of the table differs.
const AFTER_ALL = { first: 9_999_000_000, count: 10_000 }

const END_OF_INDEX = 'first million, into empty tables'

const ROUNDS = 5

/** Measured once `from` millions exist: one million that is not counted, and five whose median represents the middle one. */
const PAIRS = [
  { grown: '10th million', first: 'first million, beside the 10th', from: 6 },
  { grown: '50th million', first: 'first million, beside the 50th', from: 46 }
]

export const growth: Row = {
  name: 'growth',
  title: 'The 10th and the 50th million',
  onlyLarge: true,
  measure: async bench => {
    const firstSchemas: string[] = []
    try {
      return await measure(bench, firstSchemas)
    } finally {
      for (const schema of firstSchemas) await dropSchema(bench.sql, schema)
      await reset(bench.sql)
    }
  }
}

/** Adds the schemas that it creates to `firstSchemas`. */
async function measure (bench: Bench, firstSchemas: string[]): Promise<Result> {
  const { databaseUrl, sql, host } = bench
  const samples = await alternate([
    { name: END_OF_INDEX, prepare: () => reset(sql), run: () => loadMillion(bench, host, 1) }
  ], 3)
  await reset(sql)

  let loaded = 0
  const grownMillion = (name: string): Candidate => ({
    name,
    prepare: async () => { bench.log(`  million ${++loaded} of ${MILLIONS}, alternating with a first one`) },
    run: () => byNewHost(bench, SCHEMA, loaded)
  })
  // Each run has new tables that remain, so that the next ones do not reuse their memory.
  const firstMillion = (name: string): Candidate => {
    let schema: string
    return {
      name,
      prepare: async () => {
        schema = `${SCHEMA}_${firstSchemas.length}`
        firstSchemas.push(schema)
        await makeSchema(databaseUrl, schema)
      },
      run: () => byNewHost(bench, schema, 1)
    }
  }

  await load(host, AFTER_ALL.first, AFTER_ALL.count)
  for (const { grown, first, from } of PAIRS) {
    while (loaded < from) {
      bench.log(`  million ${++loaded} of ${MILLIONS}`)
      await loadMillion(bench, host, loaded)
    }
    samples.push(...await alternate([firstMillion(first), grownMillion(grown)], ROUNDS))
  }
  await expectRows(sql, 'numbers', COUNT * MILLIONS + AFTER_ALL.count * (1 + firstSchemas.length))

  return {
    samples,
    verdicts: PAIRS.map(({ grown, first }) => ({
      figure: `${grown} / first`, value: ratioOf(samples, grown, first), unit: '', isBetter: 'lower', must: 1.2, target: 1.1
    })),
    notes: [`Ranges have no order, and lie before some existing numbers: PostgreSQL fills the end of an index faster. The 10th is the median of the 8th to 12th, the 50th that of the 48th to 52nd. Each alternates with a first million into its own tables in the same database, because new memory is slower for a database than memory that it has used before.`]
  }
}

/** Measures a million numbers on a new server, so that server and connection are new for both of a pair. */
async function byNewHost (bench: Bench, schema: string, nth: number): Promise<number> {
  const host = await startHost(bench.databaseUrl, schema)
  try {
    await load(host, AFTER_ALL.first + nth * AFTER_ALL.count, AFTER_ALL.count)
    return await loadMillion(bench, host, nth)
  } finally {
    await host.stop()
  }
}

async function loadMillion ({ sql }: Bench, host: Host, nth: number): Promise<number> {
  await sql.query('checkpoint')
  const position = nth * STEP % (MILLIONS + 1)
  return await seconds(() => load(host, 3_000_000_000 + position * COUNT, COUNT))
}
