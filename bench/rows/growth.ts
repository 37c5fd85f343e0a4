import { seconds } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { dropSchema, expectRows, makeSchema, reset, SCHEMA } from '../harness/database.js'
import { load, startHost, type Host } from '../harness/host.js'
import { ratioOf, type Result, type Samples } from '../harness/result.js'

const COUNT = 1_000_000
const MILLIONS = 52

// Ranges come in no order: the seventeenth free place after the last one, so that all places are taken once.
const STEP = 17

// PostgreSQL fills the end of an index a third faster than its middle, where most ranges go once there are others.
// With some numbers behind all ranges, the first million goes there too, and only the growth of the table is compared.
const BEHIND = { first: 9_999_000_000, count: 10_000 }

const END_OF_INDEX = 'first million, into empty tables'

/** The millions whose median stands for the one in the middle, each measured in turn with a first million. */
const MEASURED = [
  { name: '10th million', first: 'first million, beside the 10th', from: 8, to: 12 },
  { name: '50th million', first: 'first million, beside the 50th', from: 48, to: 52 }
]

export const growth: Row = {
  name: 'growth',
  title: 'The 10th and the 50th million',
  onlyLarge: true,
  measure: async bench => {
    try {
      return await measure(bench)
    } finally {
      for (const schema of MEASURED.flatMap(schemasOf)) await dropSchema(bench.sql, schema)
      await reset(bench.sql)
    }
  }
}

async function measure (bench: Bench): Promise<Result> {
  const { sql, host } = bench
  const samples: Samples[] = [{ name: END_OF_INDEX, unit: 's', values: await firstMillions(bench) }]
  await load(host, BEHIND.first, BEHIND.count)
  let loaded = 0
  for (const { name, first, from, to } of MEASURED) {
    while (loaded < from - 1) {
      loaded++
      bench.tell(`  million ${loaded} of ${MILLIONS}`)
      await loadMillion(bench, host, loaded)
    }
    const grown: number[] = []
    const small: number[] = []
    while (loaded < to) {
      loaded++
      bench.tell(`  million ${loaded} of ${MILLIONS}, beside a first one`)
      // New tables for each, which stay, so that the next ones do not get their memory.
      await makeSchema(bench.databaseUrl, schemaOf(loaded))
      const runs = [
        async () => grown.push(await byNewHost(bench, SCHEMA, loaded)),
        async () => small.push(await byNewHost(bench, schemaOf(loaded), loaded))
      ]
      for (const run of loaded % 2 === 0 ? runs : runs.reverse()) await run()
    }
    samples.push({ name: first, unit: 's', values: small }, { name, unit: 's', values: grown })
  }
  await expectRows(sql, 'numbers', COUNT * MILLIONS + BEHIND.count * (1 + MEASURED.flatMap(schemasOf).length))

  return {
    samples,
    verdicts: MEASURED.map(({ name, first }) => ({
      figure: `${name} / first`, value: ratioOf(samples, name, first), unit: '', isBetter: 'lower', must: 1.2, aim: 1.1
    })),
    notes: [`Ranges in no order, in front of some that exist: PostgreSQL fills the end of an index faster. The 10th stands for the 8th to 12th, the 50th for the 48th to 52nd; each in turn with a first million into tables of its own in the same database, as a machine gives a database new memory more slowly than memory that was used before.`]
  }
}

const schemaOf = (nth: number): string => `${SCHEMA}_${nth}`

const schemasOf = ({ from, to }: { from: number, to: number }): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => schemaOf(from + index))

/** What a million takes in tables that are empty, after one that does not count. */
async function firstMillions (bench: Bench): Promise<number[]> {
  const taken: number[] = []
  for (let round = 0; round < 4; round++) {
    await reset(bench.sql)
    taken.push(await loadMillion(bench, bench.host, 1))
  }
  await reset(bench.sql)
  return taken.slice(1)
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
