import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { expectRows, reset, SCHEMA } from '../harness/database.js'
import { load } from '../harness/host.js'
import { ratioOf } from '../harness/result.js'

export const FIRST = 3_000_000_000
const FIRST_ALIAS = 7_000_000_000

/** The names of candidates of several rows. */
export const HTTP = 'HTTP call to reply'
export const BASELINE = 'One statement, primary key only'

/** The plugin, from the first byte of the request to the last byte of the reply. */
export function overHttp ({ host, sql }: Bench, count: number, more: Record<string, number> = {}): Candidate {
  return {
    name: HTTP,
    prepare: () => reset(sql),
    run: async () => {
      const taken = await seconds(() => load(host, FIRST, count, more))
      await expectRows(sql, 'numbers', count)
      return taken
    }
  }
}

/** Inserts the same rows with one statement over a plain connection. */
export function byOneStatement ({ sql }: Bench, name: string, table: string, count: number): Candidate {
  const range = (first: number): string => `generate_series(${first}, ${first + count - 1})::text`
  const alias = table === 'baseline_alias' ? range(FIRST_ALIAS) : 'null'
  return {
    name,
    prepare: () => reset(sql),
    run: async () => {
      const taken = await seconds(() => sql.query(`
        insert into ${SCHEMA}.${table} (number, alias, class, ingroup, customer, region, stype, load)
        select ${range(FIRST)}, ${alias}, 1, 2, 3, 1, 'number', 1`))
      await expectRows(sql, table, count)
      return taken
    }
  }
}

export const million: Row = {
  name: 'million',
  title: '1,000,000 numbers, four references set',
  measure: async bench => {
    const samples = await alternate(
      [byOneStatement(bench, BASELINE, 'baseline', 1_000_000), overHttp(bench, 1_000_000)], 7)
    return {
      samples,
      verdicts: [{
        figure: 'HTTP call / one statement', value: ratioOf(samples, HTTP, BASELINE), unit: '',
        isBetter: 'lower', must: 1.2, target: 1.08
      }],
      notes: []
    }
  }
}

const BASELINE_ALIAS = 'One statement, primary key and unique alias'

export const aliases: Row = {
  name: 'aliases',
  title: 'The same with aliases',
  measure: async bench => {
    const { count, isQuick } = bench.scale
    const samples = await alternate(
      [byOneStatement(bench, BASELINE_ALIAS, 'baseline_alias', count), overHttp(bench, count, { alias: FIRST_ALIAS })], isQuick ? 3 : 5)
    return {
      samples,
      verdicts: [{
        figure: 'HTTP call / one statement', value: ratioOf(samples, HTTP, BASELINE_ALIAS), unit: '',
        isBetter: 'lower', must: 1.35, target: 1.15
      }],
      notes: [`${count} numbers.`]
    }
  }
}

const ORDINARY = 'One statement, four foreign keys'

export const foreignKeys: Row = {
  name: 'foreign-keys',
  title: 'Against the ordinary schema',
  measure: async bench => {
    const { count } = bench.scale
    const samples = await alternate([overHttp(bench, count), byOneStatement(bench, ORDINARY, 'ordinary', count)], 2)
    return {
      samples,
      verdicts: [{
        figure: 'HTTP call / ordinary schema', value: ratioOf(samples, HTTP, ORDINARY), unit: '',
        isBetter: 'lower', must: 0.25, target: 0.2
      }],
      notes: [`${count} numbers.`]
    }
  }
}
