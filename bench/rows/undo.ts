import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { expectRows, reset, SCHEMA } from '../harness/database.js'
import { load } from '../harness/host.js'
import { ratioOf } from '../harness/result.js'
import { FIRST } from './million.js'

const UNDO = 'undo'
const DELETE = 'DELETE'

const FIRST_ALIAS = 7_000_000_000

/** Measures the removal of a load's numbers. The load itself is not measured. */
function removal (
  { sql, host, scale: { count } }: Bench, name: string, more: Record<string, number>, run: (id: string) => Promise<unknown>
): Candidate {
  return {
    name,
    prepare: async () => {
      await reset(sql)
      await load(host, FIRST, count, more)
      await sql.query('checkpoint')
    },
    run: async () => {
      const { rows: [created] } = await sql.query<{ id: string }>(`select id from ${SCHEMA}.loads`)
      const taken = await seconds(() => run(created?.id ?? ''))
      await expectRows(sql, 'numbers', 0)
      return taken
    }
  }
}

export const undo: Row = {
  name: 'undo',
  title: 'Undo of a load',
  measure: async bench => {
    const { sql, host, scale } = bench
    const remove = `delete from ${SCHEMA}.numbers where number between '${FIRST}' and '${FIRST + scale.count - 1}'`
    const pair = (suffix: string, more: Record<string, number>): Candidate[] => [
      removal(bench, `${UNDO}${suffix}`, more, id => host.undo(id)),
      removal(bench, `${DELETE}${suffix}`, more, () => sql.query(remove))
    ]
    const rounds = scale.isQuick ? 10 : 5
    const aliases = ' with aliases'
    const samples = [
      ...await alternate(pair('', {}), rounds),
      ...await alternate(pair(aliases, { alias: FIRST_ALIAS }), rounds)
    ]
    return {
      samples,
      verdicts: [
        { figure: 'undo / plain DELETE', value: ratioOf(samples, UNDO, DELETE), unit: '', isBetter: 'lower', must: 1.5, target: 1.25 },
        {
          figure: 'undo / plain DELETE with aliases', value: ratioOf(samples, UNDO + aliases, DELETE + aliases), unit: '',
          isBetter: 'lower', must: 1.5, target: 1.25
        }
      ],
      notes: [`${scale.count} numbers. Nothing but the load has written them.`]
    }
  }
}
