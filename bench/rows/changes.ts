import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { reset, SCHEMA } from '../harness/database.js'
import { create, load } from '../harness/host.js'
import { ratioOf, type Verdict } from '../harness/result.js'
import { FIRST } from './million.js'

const HTTP = ', HTTP call to reply'
const PLAIN = 'plain '

const TRIGGER = 'numbers_references_updated'

/** Changes the numbers of a load and checks that all were changed. */
async function change ({ host, scale: { count } }: Bench, endpoint: 'update' | 'delete', more: Record<string, number>): Promise<void> {
  const reply = await create(host, { number: FIRST, end: FIRST + count - 1, ...more }, endpoint)
  if (reply.code !== '204' || reply.count !== count) throw new Error(`${endpoint} returned ${JSON.stringify(reply)}`)
}

/** Runs a statement on the numbers of a load, without the trigger that looks up references. */
async function run ({ sql, scale: { count } }: Bench, statement: string): Promise<void> {
  const { rowCount } = await sql.query(`${statement} where number between '${FIRST}' and '${FIRST + count - 1}'`)
  if (rowCount !== count) throw new Error(`${statement} wrote ${rowCount} rows`)
}

function candidateOn (bench: Bench, name: string, work: () => Promise<unknown>, before?: () => Promise<void>): Candidate {
  const { sql, host, scale } = bench
  const switchTrigger = async (to: 'enable' | 'disable'): Promise<void> => {
    if (name.startsWith(PLAIN)) await sql.query(`alter table ${SCHEMA}.numbers ${to} trigger ${TRIGGER}`)
  }
  return {
    name,
    prepare: async () => {
      await reset(sql)
      await load(host, FIRST, scale.count)
      await before?.()
      await switchTrigger('disable')
      await sql.query('checkpoint')
    },
    run: async () => {
      const taken = await seconds(work)
      await switchTrigger('enable')
      return taken
    }
  }
}

const ROUNDS = 5

const UPDATE = `update ${SCHEMA}.numbers set class =`

export const changes: Row = {
  name: 'changes',
  title: 'Update and delete of a load, recorded',
  measure: async bench => {
    const pair = (endpoint: 'update' | 'delete', more: Record<string, number>, statement: string): Candidate[] => [
      candidateOn(bench, `${endpoint}${HTTP}`, () => change(bench, endpoint, more)),
      candidateOn(bench, `${PLAIN}${endpoint}`, () => run(bench, statement))
    ]
    const samples = [
      ...await alternate(pair('update', { class: 2 }, `${UPDATE} 2`), bench.scale.isQuick ? 2 : ROUNDS),
      ...await alternate(pair('delete', {}, `delete from ${SCHEMA}.numbers`), ROUNDS)
    ]
    return {
      samples,
      verdicts: (['update', 'delete'] as const).map((endpoint): Verdict => ({
        figure: `${endpoint} / ${PLAIN}${endpoint}`, value: ratioOf(samples, `${endpoint}${HTTP}`, `${PLAIN}${endpoint}`), unit: '',
        isBetter: 'lower', must: 1.5, target: 1.25
      })),
      notes: [`${bench.scale.count} numbers. The update sets their class. The plain UPDATE runs without the trigger of references.`]
    }
  }
}

export const undoChange: Row = {
  name: 'undo-change',
  title: 'Undo of an update',
  measure: async bench => {
    const { sql, host, scale: { count, isQuick } } = bench
    const undo = async (): Promise<void> => {
      const { rows: [last] } = await sql.query<{ id: string }>(`select max(id) as id from ${SCHEMA}.changes`)
      await host.undo(last?.id ?? '')
    }
    const update = (): Promise<void> => change(bench, 'update', { class: 2 })
    const names = ['undo of the update', `${PLAIN}UPDATE`] as const
    const samples = await alternate([
      candidateOn(bench, names[0], undo, update), candidateOn(bench, names[1], () => run(bench, `${UPDATE} 1`), update)
    ], isQuick ? 2 : ROUNDS)
    return {
      samples,
      verdicts: [{ figure: 'undo / plain UPDATE', value: ratioOf(samples, ...names), unit: '', isBetter: 'lower', must: 2, target: 1.5 }],
      notes: [`${count} numbers, of which an update has set the class.`]
    }
  }
}
