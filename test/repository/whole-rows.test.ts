import { Value } from '@sinclair/typebox/value'
import t, { type Test } from 'tap'
import type { CreateInput } from '../../lib/index.js'
import { CreateRequest } from '../../lib/parameters/create.js'
import { demoHost, type TestHost } from '../support/host.js'

type Row = Readonly<Record<string, unknown>>

interface WholeRows {
  readonly loads: Row
  readonly numbers: Row
}

/** The identifiers differ from each other, so that no column can have the value of another one unnoticed. */
const ONE = { start: '0099', class: 2, ingroup: 1, alias: '+007', customer: 3, region: 4, stype: 'callerid' } as const
const RANGE = { end: '0100' }
const CHARGED = { charge_customer: true }

const ACTOR = { person: 'ann', source: '192.0.2.1', requestId: 'request 1' }

/** These columns identify the load. */
const NOT_COMPARED = Object.fromEntries(['id', 'created_at', 'transaction_at', 'xid', 'load'].map(name => [name, 'not compared']))

/** The columns that are NULL after a load. */
const NULL_COLUMNS: Record<keyof WholeRows, string[]> = { loads: ['undone_at', 'undone_by'], numbers: [] }

async function hostWithRegion (t: Test): Promise<TestHost> {
  const host = await demoHost(t)
  await host.sql(`insert into regions (id, name) values (4, 'Asia')`)
  return host
}

/** Returns the rows of the first number and of its load, without the columns that identify the load. */
async function readRows ({ sql }: TestHost): Promise<WholeRows> {
  const [rows] = await sql<WholeRows>(`
    select to_jsonb(loads) - 'id' - 'created_at' - 'transaction_at' - 'xid' as loads, to_jsonb(numbers) - 'load' as numbers
    from numbers join loads on loads.id = numbers.load where numbers.number = $1`, [ONE.start])
  if (rows === undefined) throw new Error(`${ONE.start} was not added`)
  return rows
}

/** Loads in a new schema and returns the rows. */
async function rowsOf (t: Test, parameters: Partial<CreateInput>): Promise<WholeRows> {
  const host = await hostWithRegion(t)
  await host.app.telcoNumbers.create({ ...ONE, ...parameters }, ACTOR)
  return await readRows(host)
}

/** As {@link rowsOf}, for one number in a statement that it shares with another load. */
async function rowsOfShared (t: Test): Promise<WholeRows> {
  const host = await hostWithRegion(t)
  await Promise.all([ONE, { ...ONE, start: '0500', alias: '+500' }].map(parameters => host.app.telcoNumbers.create(parameters, ACTOR)))
  t.strictSame(await host.sql('select count(distinct xmin::text)::integer from loads'), [{ count: 1 }], 'one statement')
  return await readRows(host)
}

t.test('covers every parameter that is stored, with another value than its default', async t => {
  const given = { ...ONE, ...RANGE, ...CHARGED }
  t.strictSame(Object.keys(given).sort(), Object.keys(CreateRequest.properties).filter(name => name !== 'validation').sort())
  const defaults = Value.Default(CreateRequest, {}) as Row
  for (const [name, value] of Object.entries(given)) t.not(value, defaults[name], name)
})

t.test('writes the same columns for a shared statement, a single charged number and a range', async t => {
  const [shared, charged, range, chargedRange] = [
    await rowsOfShared(t), await rowsOf(t, CHARGED), await rowsOf(t, RANGE), await rowsOf(t, { ...CHARGED, ...RANGE })
  ]
  // The customer pays 15, and its reseller 10.
  const charge = { charge_customer: true, charged: 25 }
  const size = { end: RANGE.end, count: 2 }
  t.strictSame(charged, { ...shared, loads: { ...shared.loads, ...charge } })
  t.strictSame(range, { ...shared, loads: { ...shared.loads, ...size } })
  t.strictSame(chargedRange, { ...shared, loads: { ...shared.loads, ...charge, ...size, charged: 50 } })
})

t.test('leaves no column NULL, except those of an undo', async t => {
  const host = await hostWithRegion(t)
  for (const rows of [await rowsOfShared(t), await rowsOf(t, CHARGED), await rowsOf(t, RANGE)]) {
    for (const table of ['loads', 'numbers'] as const) {
      const columns = await host.sql<{ name: string }>(`select column_name as name from information_schema.columns
        where table_schema = $1 and table_name = $2 order by ordinal_position`, [host.schema, table])
      const stored: Row = { ...NOT_COMPARED, ...rows[table] }
      const names = columns.map(({ name }) => name)
      t.strictSame(names.filter(name => (stored[name] ?? null) === null), NULL_COLUMNS[table], table)
    }
  }
})

t.test('stores each parameter in the column of its name', async t => {
  const { loads, numbers } = await rowsOfShared(t)
  const { start, ...stored } = ONE
  const { requestId, ...actor } = ACTOR
  t.match(loads, { ...actor, request_id: requestId, ...ONE, end: start, count: 1 })
  t.match(numbers, { number: start, ...stored })
})
