import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { dropSchema, expectRows, makeSchema, reset, SCHEMA } from '../harness/database.js'
import { load, startHost, type Host } from '../harness/host.js'
import { ratioOf, type Result } from '../harness/result.js'

const COUNT = 1_000_000
const MILLIONS = 52

// Ranges come in no order: the seventeenth free place after the last one, so that all places are taken once.
const STEP = 17

// PostgreSQL fills the end of an index a third faster than its middle, where most ranges go once there are others.
// With some numbers behind all ranges, the first million goes there too, and only the growth of the table is compared.
const BEHIND = { first: 9_999_000_000, count: 10_000 }

const END_OF_INDEX = 'first million, into empty tables'

const ROUNDS = 5

/** Measured in turn when so many millions are there: one that does not count, and five whose median stands for the middle one. */
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

/** Adds the schemas it makes to `firstSchemas`. */
async function measure (bench: Bench, firstSchemas: string[]): Promise<Result> {
  const { databaseUrl, sql, host } = bench
  const samples = await alternate([
    { name: END_OF_INDEX, prepare: () => reset(sql), run: () => loadMillion(bench, host, 1) }
  ], 3)
  await reset(sql)

  let loaded = 0
  const grownMillion = (name: string): Candidate => ({
    name,
    prepare: async () => { bench.tell(`  million ${++loaded} of ${MILLIONS}, in turn with a first one`) },
    run: () => byNewHost(bench, SCHEMA, loaded)
  })
  // New tables for each, which stay, so that the next ones do not get their memory.
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

  await load(host, BEHIND.first, BEHIND.count)
  for (const { grown, first, from } of PAIRS) {
    while (loaded < from) {
      bench.tell(`  million ${++loaded} of ${MILLIONS}`)
      await loadMillion(bench, host, loaded)
    }
    samples.push(...await alternate([firstMillion(first), grownMillion(grown)], ROUNDS))
  }
  await expectRows(sql, 'numbers', COUNT * MILLIONS + BEHIND.count * (1 + firstSchemas.length))

  return {
    samples,
    verdicts: PAIRS.map(({ grown, first }) => ({
      figure: `${grown} / first`, value: ratioOf(samples, grown, first), unit: '', isBetter: 'lower', must: 1.2, aim: 1.1
    })),
    notes: [`Ranges in no order, in front of some that exist: PostgreSQL fills the end of an index faster. The 10th stands for the 8th to 12th, the 50th for the 48th to 52nd; each in turn with a first million into tables of its own in the same database, as a machine gives a database new memory more slowly than memory that was used before.`]
  }
}

/** A million by a server of its own, so that what is new to a server and its connection is new to both of a pair. */
async function byNewHost (bench: Bench, schema: string, nth: number): Promise<number> {
  const host = await startHost(bench.databaseUrl, schema)
  try {
    await load(host, BEHIND.first + nth * BEHIND.count, BEHIND.count)
    return await loadMillion(bench, host, nth)
  } finally {
    await host.stop()
  }
}

async function loadMillion ({ sql }: Bench, host: Host, nth: number): Promise<number> {
  await sql.query('checkpoint')
  const place = nth * STEP % (MILLIONS + 1)
  return await seconds(() => load(host, 3_000_000_000 + place * COUNT, COUNT))
}
