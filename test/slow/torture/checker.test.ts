import pg from 'pg'
import t, { type Test } from 'tap'
import { check } from '../../../torture/checker/check.js'
import { INVARIANTS } from '../../../torture/checker/invariants.js'
import { History, sourceOf, type HistoryRow } from '../../../torture/checker/history.js'
import type { CreateRequest } from '../../../torture/harness/range.js'
import type { Sql } from '../../../torture/harness/postgres.js'
import { demoHost, DATABASE_URL } from '../../support/host.js'

const PLAIN: CreateRequest = {
  start: '0100', end: '0199', count: 100, alias: null, class: 1, ingroup: 1, customer: null, region: null, stype: 'number', price: null
}

// The requests in their order: request 1 creates load 1, and so on.
const REQUESTS: readonly CreateRequest[] = [
  PLAIN,
  { ...PLAIN, start: '0200', end: '0299', alias: '+0500', region: 2, stype: 'callerid' },
  { ...PLAIN, start: '0300', end: '0399', class: 2, customer: 3, price: '25.00' },
  { ...PLAIN, start: '0400', end: '0499', customer: 3, price: '2.50' },
  { ...PLAIN, start: '0500', end: '0599' }
]

const [CHARGED, UNDONE, UNDONE_PLAIN] = [3, 4, 5]

const TAKEN = { kind: 'reply', status: 400, keys: ['start'], reportedCount: null } as const
const [UNCONFIRMED, REFUSED] = [6, 7]

interface ValidTables {
  readonly schema: string
  readonly sql: Sql
  readonly rows: readonly HistoryRow[]
}

/** Tables that the plugin has filled, with their history. A test rolls back what it breaks. */
async function validTables (t: Test): Promise<ValidTables> {
  const { app, schema } = await demoHost(t)
  const history = new History()
  for (const load of REQUESTS) {
    const { id, end } = history.begin({ kind: 'create', request: load, load: null, server: 'a' })
    const { start, alias, class: numberClass, ingroup, customer, region, stype, price } = load
    const { count } = await app.telcoNumbers.create({
      start, end: load.end, class: numberClass, ingroup, customer: customer ?? 0, region: region ?? 0, stype,
      charge_customer: price !== null, ...alias !== null && { alias }
    }, { source: sourceOf(id) })
    end({ kind: 'reply', status: 200, keys: [''], reportedCount: count })
  }
  // A load that was created, although its connection broke before the reply.
  const endFault = history.beginFault({ server: 'a', isDatabase: true, isUnnamed: false })
  const unconfirmed = { ...PLAIN, start: '0600', end: '0699' }
  const { id, end } = history.begin({ kind: 'create', request: unconfirmed, load: null, server: 'a' })
  const { start, end: last } = unconfirmed
  await app.telcoNumbers.create({ start, end: last, class: 1, ingroup: 1 }, { source: sourceOf(id) })
  end({ kind: 'broken' })
  endFault()
  history.begin({ kind: 'create', request: unconfirmed, load: null, server: 'a' }).end(TAKEN)
  history.begin({ kind: 'validate', request: unconfirmed, load: null, server: 'a' }).end(TAKEN)
  for (const load of [UNDONE, UNDONE_PLAIN]) {
    const undo = history.begin({ kind: 'undo', request: null, load: String(load), server: 'a' })
    await app.telcoNumbers.undo(String(load))
    undo.end({ kind: 'reply', status: 200, keys: [], reportedCount: null })
  }
  const client = new pg.Client(DATABASE_URL)
  await client.connect()
  t.teardown(() => client.end())
  const sql: Sql = async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => (
    (await client.query<Row>(text, values)).rows)
  return { schema, sql, rows: history.rows() }
}

/** Returns the names of the violated invariants. */
async function violated ({ schema, sql }: ValidTables, rows: readonly HistoryRow[]): Promise<string[]> {
  const violations = await check(sql, schema, rows, [1, 2, 3, 4].map(customer => ({ customer, balance: '0' })))
  return [...new Set(violations.map(violation => violation.split(': ')[0] ?? ''))]
}

const ROW = (number: string, load: number): string => `
  insert into numbers (number, class, ingroup, stype, load) values ('${number}', 1, 1, 'number', ${load})`

const REMOVE = (load: number): string => `delete from numbers where load = ${load}; delete from loads where id = ${load}`

/** How each invariant is broken: by SQL with triggers disabled, or by a change of the history. */
const BREAKS: Readonly<Record<string, string | Partial<HistoryRow>>> = {
  'a load has all its numbers': `delete from numbers where number = '0150'`,
  'a number is in the range of its load': ROW('0099', 1),
  'a number or alias exists once': `alter table numbers drop constraint numbers_pkey; ${ROW('0150', 1)}`,
  'a number has the attributes of its load': `update numbers set ingroup = 2 where number = '0150'`,
  'aliases count up with the numbers': `update numbers set alias = '+0600' where number = '0250'`,
  'no number refers to a deleted row': 'delete from regions where id = 2',
  'the count is the size of the range': 'update loads set count = 99 where id = 1',
  'the charge is the sum of the transactions': `update loads set charged = charged + 1 where id = ${CHARGED}`,
  'a load costs its price': `
    update transactions set unit_price = unit_price + 1, amount = amount - quantity, balance_after = balance_after - quantity
      where load = ${CHARGED} and customer = 3;
    update transactions set balance_after = balance_after - 100 where load > ${CHARGED} and customer = 3;
    update loads set charged = charged + 100 where id = ${CHARGED}; update customers set balance = balance - 100 where id = 3`,
  'the amount is quantity times unit price': `update transactions set unit_price = unit_price + 1 where load = ${CHARGED}`,
  'a balance is the sum of its transactions': 'update customers set balance = balance + 1 where id = 2',
  'every transaction records the new balance': `update transactions set balance_after = balance_after + 1 where load = ${CHARGED} and customer = 3`,
  'an undone load is reversed once': `
    with again as (
      insert into transactions (customer, load, text, quantity, unit_price, amount, balance_after)
      select customers.id, load, text, quantity, unit_price, amount, balance + amount
      from transactions join customers on customers.id = customer where load = ${UNDONE} and quantity < 0
      returning customer, amount)
    update customers set balance = balance + amount from again where id = customer`,
  'a confirmed load exists': REMOVE(1),
  'a load has a request': `
    insert into loads (source, start, "end", count, class, ingroup, stype, charge_customer) values
      ('elsewhere', '9', '9', 1, 1, 1, 'number', false);
    insert into numbers (number, class, ingroup, stype, load) select '9', 1, 1, 'number', max(id) from loads`,
  'a request creates one load': `
    insert into loads (source, start, "end", count, class, ingroup, stype, charge_customer)
      select source, start, "end", count, class, ingroup, stype, charge_customer from loads where id = ${UNDONE_PLAIN};
    insert into numbers (number, class, ingroup, stype, load)
      select '0' || suffix, 1, 1, 'number', max(id) from loads, generate_series(500, 599) as suffix group by suffix`,
  'a load has the parameters of its request': 'update loads set ingroup = 2 where id = 1; update numbers set ingroup = 2 where load = 1',
  'a confirmed undo is permanent': `
    update loads set undone_at = null where id = ${UNDONE_PLAIN};
    insert into numbers (number, class, ingroup, stype, load)
      select '0' || suffix, 1, 1, 'number', ${UNDONE_PLAIN} from generate_series(500, 599) as suffix`,
  'an undone load has one confirmed undo': 'delete from numbers where load = 1; update loads set undone_at = now() where id = 1',
  'a refusal has a reason': REMOVE(UNCONFIRMED),
  'every request gets a reply': { id: REFUSED, outcome: 'late', status: null, keys: [] },
  'a connection breaks only if its server was killed': { id: REFUSED, outcome: 'broken', status: null, keys: [] },
  '503 follows a wait or a fault': { id: REFUSED, status: 503, keys: [''], milliseconds: 100 },
  'a reply has a status of the contract': { id: REFUSED, status: 500, keys: [''] },
  'a refusal names a parameter': { id: REFUSED, keys: [] },
  'the reported count is the size of the range': { id: 1, reportedCount: 99 }
}

t.test('valid tables have no violation', async t => {
  const tables = await validTables(t)
  await tables.sql('begin')
  t.strictSame(await violated(tables, tables.rows), [])
})

t.test('a broken invariant is the only one that is reported', async t => {
  const tables = await validTables(t)
  t.strictSame(Object.keys(BREAKS), INVARIANTS.map(({ name }) => name))
  for (const [name, broken] of Object.entries(BREAKS)) {
    await tables.sql('begin')
    await tables.sql(`set local search_path to ${tables.schema}; set local session_replication_role = replica`)
    if (typeof broken === 'string') await tables.sql(broken)
    const rows = typeof broken === 'string' ? tables.rows : tables.rows.map(row => row.id === broken.id ? { ...row, ...broken } : row)
    t.strictSame(await violated(tables, rows), [name], name)
    await tables.sql('rollback')
  }
})
