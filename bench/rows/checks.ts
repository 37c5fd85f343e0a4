import { setTimeout } from 'node:timers/promises'
import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { expectRows, reset, SCHEMA } from '../harness/database.js'
import { create, get, load, REFERENCES } from '../harness/host.js'
import { medianOf, ratioOf } from '../harness/result.js'
import { FIRST } from './million.js'

const COUNT = 1_000_000
const ROUNDS = 50

const VALIDATION = 'validation=1 for 1,000,000 free numbers'
const BARE = 'select 1 by a bare route'

/** Returns the milliseconds until the host has replied with the code. */
async function call ({ host }: Bench, code: string, parameters: Record<string, number>): Promise<number> {
  const taken = await seconds(async () => {
    const reply = await create(host, { ...REFERENCES, ...parameters })
    if (reply.code !== code) throw new Error(`expected ${code}, got ${reply.code}`)
  })
  return taken * 1000
}

async function prepareMillion ({ sql, host }: Bench): Promise<void> {
  await reset(sql)
  await load(host, FIRST, COUNT)
}

export const validation: Row = {
  name: 'validation',
  title: 'Validation of 1,000,000 free numbers',
  measure: async bench => {
    await prepareMillion(bench)
    const samples = await alternate([
      {
        name: VALIDATION,
        unit: 'ms',
        prepare: async () => {},
        run: () => call(bench, '201', { start: FIRST + COUNT, end: FIRST + 2 * COUNT - 1, validation: 1 })
      },
      { name: BARE, unit: 'ms', prepare: async () => {}, run: async () => await seconds(() => get(bench.host, '/bare/select')) * 1000 }
    ], ROUNDS)
    return {
      samples,
      verdicts: [
        { figure: 'validation', value: medianOf(samples, VALIDATION), unit: 'ms', isBetter: 'lower', must: 20 },
        { figure: 'validation / bare request', value: ratioOf(samples, VALIDATION, BARE), unit: '', isBetter: 'lower', target: 5 }
      ],
      notes: ['1,000,000 other numbers exist next to the free ones.']
    }
  }
}

const REFUSAL = 'refusal'

/** PostgreSQL reports dead rows within a second. */
export const STATISTICS_DELAY_MS = 2_000

export const refusal: Row = {
  name: 'refusal',
  title: 'Refusal of 1,000,000 numbers of which the last one exists',
  measure: async bench => {
    await prepareMillion(bench)
    await setTimeout(STATISTICS_DELAY_MS)
    const before = await readState(bench)
    const samples = await alternate([{
      name: REFUSAL,
      unit: 'ms',
      prepare: async () => {},
      run: () => call(bench, '400', { start: FIRST - COUNT + 1, end: FIRST })
    }], ROUNDS)
    await setTimeout(STATISTICS_DELAY_MS)
    const after = await readState(bench)
    await expectRows(bench.sql, 'numbers', COUNT)
    return {
      samples,
      verdicts: [
        { figure: 'refusal', value: medianOf(samples, REFUSAL), unit: 'ms', isBetter: 'lower', must: 50 },
        { figure: 'dead rows', value: after.dead - before.dead, unit: '', isBetter: 'lower', must: 0 },
        { figure: 'bytes that the tables grew by', value: after.bytes - before.bytes, unit: '', isBetter: 'lower', must: 0 }
      ],
      notes: ['The existing number is the first of 1,000,000 existing numbers.']
    }
  }
}

const REFUSED_ALIASES = 'refusal of 10,000 existing aliases'
const FREE_ALIASES = 'validation=1 for 10,000 free numbers with aliases'
const FIRST_ALIAS = 7_000_000_000

export const aliasRefusal: Row = {
  name: 'alias-refusal',
  title: 'Refusal of 10,000 existing aliases',
  measure: async bench => {
    const count = 10_000
    await reset(bench.sql)
    await load(bench.host, FIRST, COUNT, { alias: FIRST_ALIAS })
    const range = { start: FIRST + COUNT, end: FIRST + COUNT + count - 1, validation: 1 }
    const candidate = (name: string, code: string, alias: number): Candidate => (
      { name, unit: 'ms', prepare: async () => {}, run: () => call(bench, code, { ...range, alias }) })
    const samples = await alternate([
      candidate(REFUSED_ALIASES, '400', FIRST_ALIAS + COUNT / 2), candidate(FREE_ALIASES, '201', FIRST_ALIAS + COUNT)
    ], ROUNDS)
    return {
      samples,
      verdicts: [{
        figure: 'refusal / validation', value: ratioOf(samples, REFUSED_ALIASES, FREE_ALIASES), unit: '', isBetter: 'lower', must: 5, target: 2
      }],
      notes: ['1,000,000 numbers with aliases exist.']
    }
  }
}

export async function readState ({ sql }: Bench): Promise<{ dead: number, bytes: number }> {
  const { rows: [state] } = await sql.query<{ dead: number, bytes: number }>(`
    select sum(n_dead_tup)::float8 as dead, sum(pg_table_size(relid) + pg_indexes_size(relid))::float8 as bytes
    from pg_stat_user_tables where schemaname = $1 and relname in ('numbers', 'loads')`, [SCHEMA])
  if (state === undefined) throw new Error('the tables have no statistics')
  return state
}
