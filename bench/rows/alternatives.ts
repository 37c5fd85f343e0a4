import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Bench, Row } from '../harness/bench.js'
import { expectRows, reset, SCHEMA } from '../harness/database.js'
import { ratioOf } from '../harness/result.js'
import { FIRST, HTTP, overHttp } from './million.js'

const COLUMNS = '(number, class, ingroup, customer, region, stype, load)'
const ROW = [1, 2, 3, 1, 'number', 1] as const

const ROW_AT_A_TIME = 'One INSERT a number'
const VALUES = 'INSERT … VALUES, 1,000 rows'
const ARRAYS = 'INSERT … unnest, 10,000 rows'
const COPY = 'COPY (pg-copy-streams)'

const SINGLE_ROWS = 20_000
const VALUES_ROWS = 1_000
const ARRAY_ROWS = 10_000
const COPY_ROWS = 1_000

async function insertRows (sql: Client, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await sql.query(
      `insert into ${SCHEMA}.baseline ${COLUMNS} values ($1, $2, $3, $4, $5, $6, $7)`, [String(FIRST + index), ...ROW])
  }
}

async function insertValues (sql: Client, count: number): Promise<void> {
  for (let begin = 0; begin < count; begin += VALUES_ROWS) {
    const rows = numbersFrom(begin, VALUES_ROWS).map(number => [number, ...ROW])
    const placeholders = rows.map((row, index) => `(${row.map((_, column) => `$${index * row.length + column + 1}`).join()})`)
    await sql.query(`insert into ${SCHEMA}.baseline ${COLUMNS} values ${placeholders.join()}`, rows.flat())
  }
}

async function insertArrays (sql: Client, count: number): Promise<void> {
  for (let begin = 0; begin < count; begin += ARRAY_ROWS) {
    const columns = ROW.map(value => new Array<number | string>(ARRAY_ROWS).fill(value))
    await sql.query(`
      insert into ${SCHEMA}.baseline ${COLUMNS}
      select * from unnest($1::text[], $2::integer[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::bigint[])`,
    [numbersFrom(begin, ARRAY_ROWS), ...columns])
  }
}

async function copy (sql: Client, count: number): Promise<void> {
  const tail = `\t${ROW.join('\t')}\n`
  function* chunks (): Generator<string> {
    for (let begin = 0; begin < count; begin += COPY_ROWS) {
      yield numbersFrom(begin, COPY_ROWS).map(number => number + tail).join('')
    }
  }
  await pipeline(Readable.from(chunks()), sql.query(copyFrom(`copy ${SCHEMA}.baseline ${COLUMNS} from stdin`)))
}

function numbersFrom (begin: number, rows: number): string[] {
  return Array.from({ length: rows }, (_, index) => String(FIRST + begin + index))
}

/** Inserts into the table with only the primary key, in one transaction. Scales the time to `count` if fewer are `inserted`. */
function byClient (
  { sql }: Bench, name: string, count: number, insert: typeof copy, inserted = count
): Candidate {
  return {
    name,
    prepare: () => reset(sql),
    run: async () => {
      const taken = await seconds(async () => {
        await sql.query('begin')
        await insert(sql, inserted)
        await sql.query('commit')
      })
      await expectRows(sql, 'baseline', inserted)
      return taken * count / inserted
    }
  }
}

export const alternatives: Row = {
  name: 'alternatives',
  title: 'Against other ways to insert',
  measure: async bench => {
    const { count, isQuick } = bench.scale
    const samples = await alternate([
      overHttp(bench, count),
      byClient(bench, COPY, count, copy),
      byClient(bench, ARRAYS, count, insertArrays),
      byClient(bench, VALUES, count, insertValues),
      byClient(bench, ROW_AT_A_TIME, count, insertRows, SINGLE_ROWS)
    ], isQuick ? 2 : 3)
    const compareWith = (name: string, bound: { must?: number, target?: number }) => ({
      figure: `HTTP call / ${name}`, value: ratioOf(samples, HTTP, name), unit: '', isBetter: 'lower' as const, ...bound
    })
    return {
      samples,
      verdicts: [
        compareWith(COPY, { target: 2 }),
        compareWith(ARRAYS, { target: 1 }),
        compareWith(VALUES, { target: 1 }),
        compareWith(ROW_AT_A_TIME, { target: 1 })
      ],
      notes: [
        `${count} numbers. The others insert in one transaction over a plain connection, into the table with only the primary key. ` +
        `One INSERT a number is measured with ${SINGLE_ROWS} numbers and scaled.`
      ]
    }
  }
}
