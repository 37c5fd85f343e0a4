import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { inSchema } from '../../lib/database/statement.js'
import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Row } from '../harness/bench.js'
import { dropSchema, makeSchema, reset, SCHEMA } from '../harness/database.js'
import { load, startHost, type Host } from '../harness/host.js'
import { ratioOf } from '../harness/result.js'
import { FIRST } from './million.js'

const PARTITIONED = `${SCHEMA}_partitioned`

const SCRIPT = new URL('../../lib/sql/partition-numbers.sql', import.meta.url)

const TABLE = 'one table'
const PARTITIONS = 'ten partitions'

const FIRST_ALIAS = 7_000_000_000

export const partitions: Row = {
  name: 'partitions',
  title: 'Into ten partitions',
  measure: async ({ sql, databaseUrl, host, scale }) => {
    await makeSchema(databaseUrl, PARTITIONED)
    await sql.query(inSchema(PARTITIONED, await readFile(SCRIPT, 'utf8')))
    const partitioned = await startHost(databaseUrl, PARTITIONED)
    try {
      const candidate = (name: string, given: Host, schema: string, more: Record<string, number>): Candidate => ({
        name, prepare: () => reset(sql, schema), run: () => seconds(() => load(given, FIRST, scale.count, more))
      })
      const pair = (suffix: string, more: Record<string, number>): Candidate[] => [
        candidate(`${TABLE}${suffix}`, host, SCHEMA, more), candidate(`${PARTITIONS}${suffix}`, partitioned, PARTITIONED, more)
      ]
      // More for the shorter runs, which differ by a third.
      const rounds = scale.isQuick ? 12 : 9
      const aliases = ' with aliases'
      const samples = [...await alternate(pair('', {}), rounds), ...await alternate(pair(aliases, { alias: FIRST_ALIAS }), rounds)]
      return {
        samples,
        verdicts: [
          { figure: 'ten partitions / one table', value: ratioOf(samples, PARTITIONS, TABLE), unit: '', isBetter: 'lower', must: 1.1, target: 1.05 },
          {
            figure: 'ten partitions / one table, with aliases', value: ratioOf(samples, PARTITIONS + aliases, TABLE + aliases), unit: '',
            isBetter: 'lower', must: 1.5, target: 1.2
          }
        ],
        notes: [`${scale.count} numbers.`]
      }
    } finally {
      await partitioned.stop()
      const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
      await dropSchema(pool, PARTITIONED)
      await pool.end()
    }
  }
}
