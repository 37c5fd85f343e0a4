import { seconds } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { expectRows, reset } from '../harness/database.js'
import { load } from '../harness/host.js'
import { ratioOf, type Samples } from '../harness/result.js'

const COUNT = 1_000_000
const MILLIONS = 51

// Ranges come in no order: the seventeenth free place after the last one, so that all places are taken once.
const STEP = 17

// PostgreSQL fills the end of an index a third faster than its middle, where most ranges go once there are others.
// With some numbers behind all ranges, the first million goes there too, and only the growth of the table is compared.
const BEHIND = { first: 9_999_000_000, count: 10_000 }

const FIRST_MILLION = 'first million'
const END_OF_INDEX = 'first million, into empty tables'

/** The millions whose median stands for the one in the middle. */
const MEASURED = [
  { name: '10th million', from: 9, to: 11 },
  { name: '50th million', from: 49, to: 51 }
]

export const growth: Row = {
  name: 'growth',
  title: 'The 10th and the 50th million',
  onlyLarge: true,
  measure: async bench => {
    await reset(bench.sql)
    await loadMillion(bench, 0)
    const atEnd: number[] = []
    const first: number[] = []
    for (let round = 0; round < 3; round++) {
      await reset(bench.sql)
      atEnd.push(await loadMillion(bench, 1))
      await reset(bench.sql)
      await load(bench.host, BEHIND.first, BEHIND.count)
      first.push(await loadMillion(bench, 1))
    }
    const taken = [Number.NaN, ...first.slice(-1)]
    for (let nth = 2; nth <= MILLIONS; nth++) {
      bench.tell(`  million ${nth} of ${MILLIONS}`)
      await bench.sql.query('checkpoint')
      taken.push(await loadMillion(bench, nth))
    }
    await expectRows(bench.sql, 'numbers', COUNT * MILLIONS + BEHIND.count)
    await reset(bench.sql)

    const samples: Samples[] = [
      { name: END_OF_INDEX, unit: 's', values: atEnd },
      { name: FIRST_MILLION, unit: 's', values: first },
      ...MEASURED.map(({ name, from, to }) => ({ name, unit: 's', values: taken.slice(from, to + 1) }))
    ]
    return {
      samples,
      verdicts: MEASURED.map(({ name }) => ({
        figure: `${name} / first`, value: ratioOf(samples, name, FIRST_MILLION), unit: '', isBetter: 'lower', must: 1.2, aim: 1.1
      })),
      notes: [`Ranges in no order, in front of ${BEHIND.count} that exist: PostgreSQL fills the end of an index faster. The 10th stands for the 9th to 11th, the 50th for the 49th to 51st.`]
    }
  }
}

async function loadMillion ({ host }: Bench, nth: number): Promise<number> {
  const place = nth * STEP % (MILLIONS + 1)
  return await seconds(() => load(host, 3_000_000_000 + place * COUNT, COUNT))
}
