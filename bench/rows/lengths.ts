import { seconds } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { expectRows, reset, SCHEMA } from '../harness/database.js'
import { create, drain, importFile, load, pathOf, REFERENCES, type Reply } from '../harness/host.js'
import { ratioOf, type Samples, type Verdict } from '../harness/result.js'

/** The first numbers of two ranges of 10 digits. One of them has longer numbers, of 13 digits, between its members. */
const BESIDE = 5_550_000_000
const ALONE = 6_660_000_000

const OPERATIONS = ['validation', 'refusal', 'creation', 'undo', 'import', 'list', 'update', 'delete'] as const

/** Those that write or read every number of the range, so their times are comparable. */
const OF_EVERY_NUMBER: ReadonlySet<string> = new Set(OPERATIONS.slice(2))

/** Measures every operation once. The number before each range exists. */
async function cycle ({ sql, host }: Bench, first: number, count: number): Promise<Record<typeof OPERATIONS[number], number>> {
  const [end, number] = [first + count - 1, first]
  const range = { ...REFERENCES, start: first, end }
  const expect = async (code: string, replied: Promise<Reply>): Promise<void> => {
    const reply = await replied
    if (reply.code !== code) throw new Error(`expected ${code}, got ${reply.code}`)
  }
  return {
    validation: await seconds(() => expect('201', create(host, { ...range, validation: 1 }))),
    refusal: await seconds(() => expect('400', create(host, { ...range, start: first - 1, end: end - 1 }))),
    creation: await seconds(() => load(host, first, count)),
    undo: await undoLast(),
    import: await seconds(() => expect('200', importFile(host, Buffer.from(`start,end\n${first},${end}\n`), REFERENCES))),
    list: await seconds(() => drain(host, pathOf({ start: first, end }, 'list'))),
    update: await seconds(() => expect('204', create(host, { number, end, class: 2 }, 'update'))),
    delete: await seconds(() => expect('204', create(host, { number, end }, 'delete')))
  }

  async function undoLast (): Promise<number> {
    const { rows: [created] } = await sql.query<{ id: string }>(`select max(id) as id from ${SCHEMA}.loads`)
    return await seconds(() => host.undo(created?.id ?? ''))
  }
}

export const lengths: Row = {
  name: 'lengths',
  title: 'Ranges with longer numbers between their members',
  measure: async bench => {
    const { sql, host, scale } = bench
    const loaded = 10 * scale.count
    await reset(sql)
    for (let longer = 0; longer < loaded; longer += scale.count) await load(host, BESIDE * 1000 + longer, scale.count)
    for (const first of [BESIDE, ALONE]) await load(host, first - 1, 1)
    await sql.query(`vacuum analyze ${SCHEMA}.numbers`)

    const samples: Samples[] = []
    const verdicts: Verdict[] = []
    for (const count of [1_000, 20_000, 100_000, 1_000_000].filter(count => count <= scale.count)) {
      const values = new Map<string, number[]>()
      const rounds = count > 100_000 || scale.isQuick ? 2 : 5
      for (let round = 0; round <= rounds; round++) {
        const sides = [['beside', BESIDE], ['alone', ALONE]] as const
        for (const [side, first] of round % 2 === 0 ? sides : [...sides].reverse()) {
          const measured = await cycle(bench, first, count)
          if (round === 0) continue
          for (const operation of OPERATIONS) {
            const name = `${operation} of ${count}, ${side}`
            values.set(name, [...values.get(name) ?? [], measured[operation] * 1000])
          }
        }
      }
      const ofCount = [...values].map(([name, measured]) => ({ name, unit: 'ms', values: measured }))
      const ratio = (beside: string, alone: string): number => ratioOf(ofCount, `${beside} of ${count}, beside`, `${alone} of ${count}, alone`)
      samples.push(...ofCount)
      verdicts.push(...OPERATIONS.map(operation => ({
        figure: `${operation} of ${count}, beside / alone`,
        value: ratio(operation, operation),
        unit: '', isBetter: 'lower', ...OF_EVERY_NUMBER.has(operation) && { must: 3 }
      } as const)), {
        figure: `validation beside / creation alone of ${count}`,
        value: ratio('validation', 'creation'),
        unit: '', isBetter: 'lower', must: 3
      })
    }
    await expectRows(sql, 'numbers', loaded + 2)
    return {
      samples,
      verdicts,
      notes: [`${loaded} numbers of 13 digits exist. Beside: they are between the members of the range of 10 digits. Alone: they are elsewhere, and one look-up in the index shows that no number exists. Beside: it takes one for each member with longer numbers.`]
    }
  }
}
